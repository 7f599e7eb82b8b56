/* The letter's QR code carries the code behind the #, which no server is sent: it is put into the field, and out of the
   address. Without JavaScript people type it. */
"use strict";

(function () {
  const field = document.getElementById("champ-code");
  const code = decodeURIComponent(location.hash.slice(1));
  if (!field || !/^[2-9A-HJ-NP-Z]{12}$/.test(code)) return;
  if (!field.value) field.value = code.replace(/(.{4})(?=.)/g, "$1-");
  history.replaceState(null, "", location.pathname + location.search);
  document.querySelectorAll("[data-carries-code] a").forEach((link) => { link.hash = code; });
})();
