/* What is being written is kept meanwhile: a few seconds after the last key, and on leaving the page. A button does the
   same without it. The form says so; nothing is kept in the browser, and files are chosen when it is sent. */
"use strict";

(function () {
  const form = document.querySelector("form[data-keeps-draft]");
  if (!form || !window.fetch) return;
  const told = form.querySelector("[data-draft]");
  const draft = form.querySelector("input[name=brouillon]");
  const AFTER = 3000;
  const PATIENCE = 8000;
  let changed = false;
  let sending = false;
  let keeping = null;
  let timer = 0;

  function written() {
    const words = new FormData();
    for (const [name, value] of new FormData(form)) {
      if (typeof value === "string" && name !== "documents") words.append(name, value);
    }
    words.append("faire", "garder");
    return words;
  }

  function say(text) {
    if (told.textContent !== text) told.textContent = text;
  }

  function later() {
    clearTimeout(timer);
    timer = setTimeout(() => keep(false), AFTER);
  }

  function keep(leaving) {
    clearTimeout(timer);
    if (!changed || sending) return;
    /* one after the other: a new message has a name of its own only once the first answer came */
    if (keeping) {
      if (!leaving) later();
      return;
    }
    changed = false;
    const options = { method: "POST", body: written(), redirect: "manual", keepalive: leaving };
    if (!leaving) options.signal = AbortSignal.timeout(PATIENCE);
    keeping = fetch(form.action, options)
      .then((answer) => (answer.ok ? answer.text() : Promise.reject(new Error("not kept"))))
      .then((name) => {
        if (draft) draft.value = name;
        say(name ? told.dataset.kept : "");
      })
      .catch(() => {
        changed = true;
        say(told.dataset.failed);
      })
      .finally(() => { keeping = null; });
  }

  form.addEventListener("input", (event) => {
    if (event.target.type === "file" || event.target.name === "documents") return;
    changed = true;
    sending = false;
    later();
  });

  /* Heard before anything else that sends: a draft kept after its message was sent would come back. */
  document.addEventListener("submit", (event) => {
    if (event.target !== form) return;
    sending = true;
    clearTimeout(timer);
    if (!keeping) return;
    const button = event.submitter;
    event.preventDefault();
    event.stopPropagation();
    keeping.finally(() => form.requestSubmit(button));
  }, true);

  document.addEventListener("visibilitychange", () => { if (document.hidden) keep(true); });
  window.addEventListener("pagehide", () => keep(true));
})();
