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
  let chosen = null;

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

  function beside(address) {
    const url = new URL(address, location.href);
    url.searchParams.set("volet", "1");
    return htmx.ajax("GET", url.pathname + url.search, { target: "#volet-contenu", select: "#lecture", swap: "innerHTML" })
      .then(() => {
        // a session that ended, a document that is gone: the page says it better than an empty pane
        if (!content.querySelector("#lecture")) location.assign(address);
        content.scrollTop = 0;
        pane.scrollTop = 0;
      });
  }

  function read(link) {
    mark(link);
    const title = link.textContent.trim();
    beside(link.href).then(() => { said.textContent = said.dataset.said + " " + title; });
  }

  function close() {
    if (!content.querySelector("#lecture")) return;
    content.innerHTML = blank;
    said.textContent = "";
    const link = chosen;
    mark(null);
    if (link && link.isConnected) link.focus();
  }

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
      beside(more.href);
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
    Escape: close,
    "?": () => {
      const help = document.getElementById("raccourcis");
      help.open = !help.open;
      if (help.open) help.querySelector("summary").focus();
    },
  };

  document.addEventListener("keydown", (event) => {
    if (!keys || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const where = event.target;
    if (where.closest("input, textarea, select, [contenteditable]")) return;
    const act = ACTS[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
})();

/* How long an emergency access lasts still; the words beside it say until when, for whoever hears the page. */
(function () {
  const left = document.querySelector("[data-until]");
  if (!left) return;
  const until = Date.parse(left.dataset.until);
  const tell = () => {
    const minutes = Math.max(Math.ceil((until - Date.now()) / 60000), 0);
    left.textContent = "(" + left.dataset.left.replace("{n}", minutes) + ")";
    if (Date.now() >= until) location.reload();
    else setTimeout(tell, Math.min(until - Date.now() + 500, 15000));
  };
  tell();
})();
