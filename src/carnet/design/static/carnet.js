/* Makes pages that already work without JavaScript smoother. Nothing here is needed to use Carnet.
   No inline code, no eval, no storage of anything but the chosen appearance (a cookie the server also sets). */
"use strict";

(function () {
  const root = document.documentElement;

  function each(selector, action) {
    document.querySelectorAll(selector).forEach(action);
  }

  /* Appearance: change at once, without a page load. */
  each("[data-theme-switch]", (form) => {
    form.addEventListener("submit", (event) => {
      const button = event.submitter;
      if (!button || button.name !== "theme") return;
      event.preventDefault();
      if (button.value === "auto") delete root.dataset.theme;
      else root.dataset.theme = button.value;
      const secure = location.protocol === "https:" ? "; Secure" : "";
      document.cookie = "theme=" + button.value + "; Path=/; Max-Age=31536000; SameSite=Lax" + secure;
      form.querySelectorAll("button[name=theme]").forEach((other) => {
        other.setAttribute("aria-pressed", String(other === button));
      });
    });
  });

  /* Leaving in a hurry: the page goes at once, and its place in the history is taken by the ordinary one. Escape three
     times within two seconds does the same from anywhere (once or twice is for closing things). */
  each("[data-quick-exit]", (link) => {
    let pressed = [];
    const leave = () => {
      document.body.hidden = true;
      document.title = "…";
      location.replace(link.href);
    };
    link.addEventListener("click", (event) => {
      event.preventDefault();
      leave();
    });
    document.addEventListener("keyup", (event) => {
      if (event.key !== "Escape") return;
      pressed = [...pressed.filter((time) => event.timeStamp - time < 2000), event.timeStamp];
      if (pressed.length >= 3) leave();
    });
  });

  /* The list of errors takes the focus, so that it is read first (for browsers where autofocus only works on fields). */
  window.addEventListener("load", () => setTimeout(() => {
    if (document.activeElement === document.body) each("[data-focus]", (box) => box.focus());
  }, 50));

  /* Chosen files, by name and size. */
  function describe(file) {
    const item = document.createElement("li");
    const size = new Intl.NumberFormat(root.lang, { style: "unit", unit: "megabyte", maximumFractionDigits: 2 });
    item.textContent = file.name + " (" + size.format(file.size / 1e6) + ")";
    return item;
  }

  each("input[type=file]", (input) => {
    const list = input.parentElement.querySelector("[data-chosen]");
    if (!list) return;
    input.addEventListener("change", () => {
      list.replaceChildren(...Array.from(input.files, describe));
      list.hidden = input.files.length === 0;
    });
  });

  /* Sending with progress. The answer, page or redirection, replaces this page as a plain post would. */
  each("form[data-upload]", (form) => {
    const box = form.querySelector("[data-progress]");
    if (!box) return;
    const bar = box.querySelector("progress");
    const text = box.querySelector("[data-progress-text]");
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const request = new XMLHttpRequest();
      const buttons = form.querySelectorAll("button");
      const failed = () => {
        text.textContent = text.dataset.failed;
        buttons.forEach((button) => { button.disabled = false; });
      };
      let told = -1;
      request.upload.addEventListener("progress", (sent) => {
        if (!sent.lengthComputable) return;
        const percent = Math.round((100 * sent.loaded) / sent.total);
        bar.value = percent;
        if (percent === 100) text.textContent = text.dataset.working;
        else if (percent - told >= 20) {
          told = percent;
          text.textContent = percent + " % " + text.dataset.sent;
        }
      });
      request.addEventListener("load", () => {
        if (request.responseURL) history.replaceState(null, "", request.responseURL);
        document.open();
        document.write(request.responseText);
        document.close();
      });
      request.addEventListener("error", failed);
      request.addEventListener("timeout", failed);
      request.open("POST", form.action);
      const data = new FormData(form);
      if (event.submitter && event.submitter.name) data.append(event.submitter.name, event.submitter.value);
      request.send(data);
      box.hidden = false;
      text.textContent = "0 %";
      buttons.forEach((button) => { button.disabled = true; });
    });
  });

  /* In a form of several questions, what only one answer needs waits for that answer. */
  each("[data-choice]", (box) => {
    const name = box.dataset.choice;
    const show = () => {
      const chosen = box.querySelector("input[name=" + name + "]:checked");
      box.querySelectorAll("[data-when]").forEach((part) => {
        part.hidden = !chosen || part.dataset.when !== chosen.value;
      });
    };
    box.addEventListener("change", show);
    show();
  });

  /* A button to print, where there is a script to hear it. Delegated: htmx replaces what it is in. */
  const offerPrinting = () => each("[data-print]", (box) => { box.hidden = false; });
  offerPrinting();
  document.addEventListener("htmx:afterSettle", offerPrinting);
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) window.print();
  });

  /* Filters answer as soon as they change (through htmx), so their button may step back. */
  each("[data-auto-submit]", (button) => {
    if (window.htmx) button.hidden = true;
  });

  /* No style sheet can tell that the keyboard is inside a frame: only the window hears it go. */
  window.addEventListener("blur", () => {
    const frame = document.activeElement;
    if (frame && frame.tagName === "IFRAME") frame.parentElement.classList.add("has-focus");
  });
  window.addEventListener("focus", () => {
    document.querySelectorAll(".has-focus").forEach((box) => box.classList.remove("has-focus"));
  });
})();
