/* News while a page is open: the number on a tab moves, a list asks for itself again. Pages work without it.
   One stream a page, closed while nobody looks at it; it says numbers and nothing else. */
"use strict";

(function () {
  const tab = document.querySelector("[data-news]");
  if (!tab || !window.EventSource) return;
  const AGAIN = 60000;
  let source = null;
  let ended = false;
  let shown = null;

  function part(name) {
    const found = tab.querySelector("." + name);
    if (found) return found;
    const made = document.createElement("span");
    made.className = name;
    if (name === "count") made.setAttribute("aria-hidden", "true");
    tab.append(made);
    return made;
  }

  function show(said) {
    const moved = shown !== null || String(said.unread) !== tab.dataset.unread;
    shown = said.unread;
    if (!moved) return;
    tab.dataset.unread = String(said.unread);
    part("count").textContent = said.unread > 99 ? "99+" : String(said.unread);
    part("count").hidden = said.unread === 0;
    part("visually-hidden").textContent = said.unread ? "(" + said.spoken + ")" : "";
    if (document.querySelector("[data-fresh]") && window.htmx) window.htmx.trigger(document.body, "news");
    document.querySelectorAll("[data-news-notice]").forEach((box) => { box.hidden = said.unread === 0; });
  }

  function open() {
    if (source || ended || document.hidden) return;
    source = new EventSource(tab.dataset.news);
    source.addEventListener("messages", (event) => show(JSON.parse(event.data)));
    source.addEventListener("fin", () => { ended = true; close(); });
    source.addEventListener("error", () => {
      /* refused (too many, signed out): not asked again before a while */
      if (source && source.readyState === EventSource.CLOSED) {
        close();
        setTimeout(open, AGAIN);
      }
    });
  }

  function close() {
    if (source) source.close();
    source = null;
  }

  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  window.addEventListener("pagehide", close);
  window.addEventListener("pageshow", open);
  open();
})();
