/* Passkeys: asks the server for a question, the device for its answer, and posts the form. Where the browser knows no
   passkeys its section stays hidden: another way is always beside it. */
"use strict";

(function () {
  if (!window.PublicKeyCredential || !navigator.credentials) return;

  const bytes = (text) => {
    const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, (one) => one.charCodeAt(0));
  };
  const text = (buffer) => {
    const plain = String.fromCharCode(...new Uint8Array(buffer));
    return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  };
  const keys = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

  function question(kind, options) {
    options.challenge = bytes(options.challenge);
    if (kind === "create") {
      options.user.id = bytes(options.user.id);
      options.excludeCredentials = keys(options.excludeCredentials);
    } else {
      options.allowCredentials = keys(options.allowCredentials);
    }
    return { publicKey: options };
  }

  function answer(credential) {
    const said = { clientDataJSON: text(credential.response.clientDataJSON) };
    for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (credential.response[name]) said[name] = text(credential.response[name]);
    }
    const id = text(credential.rawId);
    return JSON.stringify({ id, rawId: id, type: credential.type, response: said, clientExtensionResults: {} });
  }

  async function fill(form) {
    const kind = form.dataset.passkey;
    const sent = new URLSearchParams(new FormData(form));
    const asked = await fetch(form.dataset.ask, { method: "POST", body: sent, credentials: "same-origin" });
    if (!asked.ok) throw new Error("refused");
    const told = await asked.json();
    const wanted = question(kind, JSON.parse(told.options));
    const made = kind === "create" ? await navigator.credentials.create(wanted) : await navigator.credentials.get(wanted);
    form.elements.etat.value = told.state;
    form.elements.reponse.value = answer(made);
    form.submit();
  }

  document.querySelectorAll("[data-passkey-section]").forEach((section) => { section.hidden = false; });
  document.querySelectorAll("form[data-passkey]").forEach((form) => {
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const wrong = form.querySelector("[data-passkey-error]");
      wrong.hidden = true;
      fill(form).catch(() => {
        wrong.textContent = wrong.dataset.passkeyError;
        wrong.hidden = false;
      });
    });
  });
})();
