/* The professional's list: reading beside it on wide screens, and keys of one letter for whoever wants them.
   Nothing here is needed: without it a document opens on its own page. */
"use strict";

(function () {
  const desk = document.querySelector(".desk");
  const pane = document.getElementById("volet");
  if (!desk || !pane || !window.htmx) return;
  const content = document.getElementById("volet-contenu");
  const blank = content.innerHTML;
  const said = pane.querySelector("[data-said]");
  const wide = window.matchMedia("(min-width: 75em)");
  const keys = desk.dataset.shortcuts === "on";
  const shut = pane.querySelector("[data-close]");
  let chosen = null;
  let asking = null;

  const fit = () => { pane.hidden = !wide.matches; };
  wide.addEventListener("change", fit);
  fit();

  const links = () => Array.from(desk.querySelectorAll("a[data-document]"));

  function mark(link) {
    desk.querySelectorAll("li[data-chosen]").forEach((item) => item.removeAttribute("data-chosen"));
    links().forEach((other) => other.removeAttribute("aria-current"));
    chosen = link;
    if (!link) return;
    link.setAttribute("aria-current", "true");
    link.closest("li").setAttribute("data-chosen", "");
  }

  /* Empties the pane before anything is asked: what stands beside a title is that document or nothing. */
  function empty(what) {
    if (asking) asking.abort();
    asking = null;
    content.innerHTML = what;
    said.textContent = "";
    shut.hidden = true;
    pane.scrollTop = 0;
  }

  async function lectureOf(address, signal) {
    const url = new URL(address, location.href);
    url.searchParams.set("volet", "1");
    const answer = await fetch(url, { signal, headers: { Accept: "text/html" } });
    if (!answer.ok) return null;
    return new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("lecture");
  }

  /* Shows the document of `address`; only the last one asked for. */
  async function beside(address, title) {
    empty("");
    const mine = asking = new AbortController();
    content.setAttribute("aria-busy", "true");
    let lecture = null;
    try {
      lecture = await lectureOf(address, mine.signal);
    } catch (failed) {
      // another one was asked for, or nothing answers: below
    }
    if (asking !== mine) return;
    asking = null;
    content.removeAttribute("aria-busy");
    // a session that ended, a document that is gone, no network: the page says it better than an empty pane
    if (!lecture) {
      location.assign(address);
      return;
    }
    content.replaceChildren(lecture);
    htmx.process(content);
    htmx.trigger(content, "htmx:afterSettle");
    shut.hidden = false;
    said.textContent = said.dataset.said + " " + title;
  }

  function read(link) {
    mark(link);
    beside(link.href, link.textContent.trim());
  }

  function close() {
    if (!asking && !content.querySelector("#lecture")) return;
    empty(blank);
    content.removeAttribute("aria-busy");
    const link = chosen;
    mark(null);
    if (link && link.isConnected) link.focus();
  }
  shut.addEventListener("click", close);

  document.addEventListener("click", (event) => {
    if (!wide.matches || event.defaultPrevented || event.button !== 0) return;
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const link = event.target.closest("a[data-document]");
    if (link) {
      event.preventDefault();
      read(link);
      return;
    }
    const more = event.target.closest("#volet a[data-beside]");
    if (more) {
      event.preventDefault();
      beside(more.href, chosen ? chosen.textContent.trim() : "");
    }
  });

  function step(by) {
    const all = links();
    if (!all.length) return;
    const at = all.indexOf(document.activeElement);
    const from = at >= 0 ? at : all.indexOf(chosen);
    const next = from < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(from + by, 0), all.length - 1);
    all[next].focus();
    all[next].scrollIntoView({ block: "nearest" });
  }

  const ACTS = {
    "/": () => document.getElementById("champ-q").focus(),
    j: () => step(1),
    k: () => step(-1),
    o: () => {
      const link = document.activeElement.closest("a[data-document]") || chosen;
      if (link) location.assign(link.href);
    },
    l: () => {
      const heading = content.querySelector(".reading-title");
      if (heading) heading.focus();
    },
    "?": () => {
      const help = document.getElementById("raccourcis");
      help.open = !help.open;
      if (help.open) help.querySelector("summary").focus();
    },
  };

  let toFound = false;
  const focusFound = () => links().length && links()[0].focus();
  // what was asked for meanwhile replaces the list, and the focus with it
  document.addEventListener("htmx:afterSettle", () => {
    if (toFound && document.activeElement === document.body) focusFound();
  });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const where = event.target;
    // from the words one looks for straight to what was found
    toFound = where.id === "champ-q" && event.key === "ArrowDown";
    if (toFound) {
      event.preventDefault();
      focusFound();
      return;
    }
    if (where.closest("input, textarea, select, [contenteditable]")) return;
    // no letter: it closes for whoever wants no keys of one letter, too
    const act = event.key === "Escape" ? close : keys && ACTS[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
})();

/* How long an emergency access lasts still; the words beside it say until when, for whoever hears the page. Counted from
   what the server said, whatever this machine's clock says. At the end the page stays: what was being written is not
   lost, and the server answers nothing more. */
(function () {
  const left = document.querySelector("[data-seconds]");
  if (!left) return;
  const end = performance.now() + 1000 * Number(left.dataset.seconds);
  const box = left.closest("section");
  const tell = () => {
    const still = end - performance.now();
    if (still > 0) {
      left.textContent = "(" + left.dataset.left.replace("{n}", Math.ceil(still / 60000)) + ")";
      setTimeout(tell, Math.min(still + 100, 15000));
      return;
    }
    left.textContent = "";
    box.querySelector("[data-words]").textContent = left.dataset.over;
    box.querySelectorAll("form").forEach((form) => { form.hidden = true; });
  };
  tell();
})();
