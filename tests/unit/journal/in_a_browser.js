/* Runs the page's own script (verify.js) on journals given on standard input, in a page of which only what it needs is
   there: [{journal, checkpoint}] in, [{state, said, problems}] out. Without its texts the page says the bare kinds. */
"use strict";
const { readFileSync } = require("node:fs");
const { webcrypto } = require("node:crypto");
const vm = require("node:vm");

async function checked(script, { journal, checkpoint }) {
  const problems = [];
  let press;
  const parts = {
    button: { addEventListener: (_, run) => (press = run) },
    "[data-status]": {},
    "[data-problems]": { replaceChildren: () => {}, append: (item) => problems.push(item.textContent) },
    template: { content: { querySelector: () => null } },
  };
  const box = { dataset: { verify: "journal", checkpoint: "checkpoint" }, querySelector: (one) => parts[one] };
  const document = { documentElement: { lang: "en" }, createElement: () => ({}), querySelectorAll: () => [box] };
  const answers = { journal: { json: async () => journal }, checkpoint: { ok: true, text: async () => checkpoint } };
  const fetch = async (where) => answers[where];
  const page = { document, fetch, crypto: webcrypto, atob, TextEncoder, Uint8Array, Intl, location: {} };
  page.window = page;
  vm.runInNewContext(script, page);
  await press();
  return { state: box.dataset.state, said: parts["[data-status]"].textContent, problems };
}

(async () => {
  const script = readFileSync(process.argv[2], "utf-8");
  const results = [];
  for (const one of JSON.parse(readFileSync(0, "utf-8"))) results.push(await checked(script, one));
  process.stdout.write(JSON.stringify(results));
})();
