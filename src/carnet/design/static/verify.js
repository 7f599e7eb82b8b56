/* Checks the journal in the person's own browser, as verify_journal.py does offline (docs/journal-format.md): entries,
   numbers, order, tree, signatures. Nothing is believed but the public keys, nothing is stored, nothing is sent. Without
   it the page reads the same, and the program for one's own machine does the same work. */
"use strict";

(function () {
  const LEAF = 105;
  const SLACK = 300;
  const AT_ONCE = 1000;
  const encoder = new TextEncoder();
  const utf8 = (text) => encoder.encode(text);
  const LABEL = utf8("carnet-journal-label\0");
  const LINK = utf8("carnet-journal-link\0");

  function bytes(base64) {
    return Uint8Array.from(atob(base64), (one) => one.charCodeAt(0));
  }

  function unhex(text) {
    return Uint8Array.from(text.match(/../g) || [], (pair) => parseInt(pair, 16));
  }

  function joined(...parts) {
    const whole = new Uint8Array(parts.reduce((sum, one) => sum + one.length, 0));
    let at = 0;
    for (const one of parts) {
      whole.set(one, at);
      at += one.length;
    }
    return whole;
  }

  function same(one, two) {
    return one.length === two.length && one.every((byte, at) => byte === two[at]);
  }

  function big(number, length) {
    const out = new Uint8Array(length);
    for (let at = length - 1; at >= 0; at--) {
      out[at] = number % 256;
      number = Math.floor(number / 256);
    }
    return out;
  }

  function small(data) {
    return data.reduce((sum, byte) => sum * 256 + byte, 0);
  }

  async function sha256(data) {
    return new Uint8Array(await crypto.subtle.digest("SHA-256", data));
  }

  function keyed(key) {
    return crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  }

  async function hmac(key, data) {
    return new Uint8Array(await crypto.subtle.sign("HMAC", key, data));
  }

  /* RFC 8785: JavaScript writes strings and numbers as it asks; keys sorted, no spaces. */
  function canonical(value) {
    if (Array.isArray(value)) return "[" + value.map(canonical).join(",") + "]";
    if (value !== null && typeof value === "object") {
      const fields = Object.keys(value).sort().map((name) => JSON.stringify(name) + ":" + canonical(value[name]));
      return "{" + fields.join(",") + "}";
    }
    return JSON.stringify(value);
  }

  /* Asks for many things together, not for all at once: a journal may be long. */
  async function all(things, ask) {
    const answers = [];
    for (let first = 0; first < things.length; first += AT_ONCE) answers.push(...(await Promise.all(things.slice(first, first + AT_ONCE).map(ask))));
    return answers;
  }

  const leafHash = (leaf) => sha256(joined(Uint8Array.of(0), leaf));
  const nodeHash = (left, right) => sha256(joined(Uint8Array.of(1), left, right));

  /* First what is to be hashed with what, by height; then each height at once: the browser's own threads work while
     we wait, and waiting for each of ten thousand by itself would take longer than the work. */
  async function rebuiltRoot(leaves, size, proof) {
    const indices = [...leaves.keys()].sort((one, two) => one - two);
    const heights = [];
    let used = 0;
    function plan(low, high, first, last) {
      if (first === last) {
        if (used >= proof.length) throw new Error("short");
        return { hash: bytes(proof[used++]), height: 0 };
      }
      if (high - low === 1) {
        if (last - first !== 1 || indices[first] !== low) throw new Error("place");
        return { hash: leaves.get(low), height: 0 };
      }
      let half = 1;
      while (half * 2 < high - low) half *= 2;
      const middle = low + half;
      let cut = first;
      while (cut < last && indices[cut] < middle) cut++;
      const left = plan(low, middle, first, cut);
      const right = plan(middle, high, cut, last);
      const height = 1 + Math.max(left.height, right.height);
      const node = { left, right, height };
      (heights[height] = heights[height] || []).push(node);
      return node;
    }
    const root = plan(0, size, 0, indices.length);
    if (used !== proof.length) throw new Error("long");
    for (const nodes of heights.slice(1)) {
      const hashes = await all(nodes, (node) => nodeHash(node.left.hash, node.right.hash));
      nodes.forEach((node, at) => (node.hash = hashes[at]));
    }
    return root.hash;
  }

  function readCheckpoint(note) {
    const gap = note.lastIndexOf("\n\n");
    const text = note.slice(0, gap + 1);
    const [origin, size, root] = text.split("\n");
    const signatures = note.slice(gap + 2).split("\n").filter(Boolean).map((line) => {
      const [, name, data] = line.split(" ");
      return { name, data: bytes(data) };
    });
    return { text, origin, size: Number(size), root: bytes(root), signatures };
  }

  async function readKey(written) {
    const plus = written.indexOf("+");
    const name = written.slice(0, plus);
    const [given, data] = [written.slice(plus + 1, plus + 9), bytes(written.slice(plus + 10))];
    const id = (await sha256(joined(utf8(name + "\n"), data))).slice(0, 4);
    if (!same(id, unhex(given))) throw new Error("key");
    return { name, id, kind: data[0], raw: data.slice(1) };
  }

  async function isSigned(key, message, signature) {
    const known = await crypto.subtle.importKey("raw", key.raw, { name: "Ed25519" }, false, ["verify"]);
    return crypto.subtle.verify({ name: "Ed25519" }, known, signature, message);
  }

  async function checkSignatures(note, keys) {
    let signed = false;
    const seen = new Map();
    for (const one of note.signatures) {
      for (const key of keys) {
        if (key.name !== one.name || !same(key.id, one.data.slice(0, 4))) continue;
        if (key.kind === 1 && key.name === note.origin && (await isSigned(key, utf8(note.text), one.data.slice(4)))) {
          signed = true;
        }
        if (key.kind === 4 && one.data.length === 76) {
          const seconds = small(one.data.slice(4, 12));
          const message = utf8("cosignature/v1\ntime " + seconds + "\n" + note.text);
          if (await isSigned(key, message, one.data.slice(12))) seen.set(one.name, seconds);
        }
      }
    }
    return { signed, seen };
  }

  const isWhole = (number, least) => Number.isSafeInteger(number) && number >= least;

  async function checkEntries(journal, problems, progress) {
    const key = await keyed(unhex(journal.key));
    const rows = [...journal.entries].sort((one, two) => one.number - two.number);
    const known = new Set(rows.map((row) => row.number));
    const last = rows.length ? rows[rows.length - 1].number : 0;
    // a number of any size is named, not counted up to
    for (let number = 1; number <= Math.min(last, 2 * rows.length + 1000); number++) if (!known.has(number)) problems.push(["deleted", number]);
    if (known.size < rows.length) problems.push(["inserted", rows.find((row, at) => at && rows[at - 1].number === row.number).number]);
    const hashes = new Map();
    let previous = new Uint8Array(32);
    let before = 0;
    let dated = 0;
    for (let first = 0; first < rows.length; first += AT_ONCE) {
      const some = rows.slice(first, first + AT_ONCE);
      for (const [row, hash] of await Promise.all(some.map(async (row) => [row, await leafHash(bytes(row.leaf))]))) hashes.set(row, hash);
      const sums = await Promise.all(some.map((row, at) => sumsOf(row, key, at ? hashes.get(some[at - 1]) : previous)));
      some.forEach((row, at) => {
        const { number, entry } = row;
        const { leaf, label, link, seal } = sums[at];
        if (leaf.length !== LEAF || leaf[0] !== 1) problems.push(["edited", number]);
        else if (!same(leaf.slice(9, 41), label)) problems.push(["reordered", number]);
        else if (before === number - 1 && !same(leaf.slice(41, 73), link)) problems.push(["broken-chain", number]);
        if (entry.space_id !== journal.space) problems.push(["swapped", number]);
        if (!same(leaf.slice(73), seal)) problems.push(["edited", number]);
        const moment = Date.parse(entry.at) / 1000;
        if (dated && moment < dated - SLACK) problems.push(["back-dated", number]);
        [before, dated] = [number, moment];
      });
      previous = hashes.get(some[some.length - 1]);
      progress(before, last);
    }
    return hashes;
  }

  /* What the leaf of one entry must hold, all asked for together: the browser works while we wait. */
  async function sumsOf(row, key, previous) {
    const own = keyed(bytes(row.nonce)).then((nonce) => hmac(nonce, utf8(canonical(row.entry))));
    const [label, link, seal] = await Promise.all([
      hmac(key, joined(LABEL, big(row.number, 8))), hmac(key, joined(LINK, previous)), own,
    ]);
    return { leaf: bytes(row.leaf), label, link, seal };
  }

  async function verify(journal, publicNote, progress) {
    const problems = [];
    if (!journal.checkpoint) return { problems: [["unsealed", 0]], seen: new Map(), signatures: true, count: 0 };
    const note = readCheckpoint(journal.checkpoint);
    const sealed = [...journal.entries, ...journal.announced];
    if (!sealed.every((row) => isWhole(row.index, 0)) || !journal.entries.every((row) => isWhole(row.number, 1)) || !isWhole(note.size, 0)) {
      return { problems: [["malformed", 0]], seen: new Map(), signatures: true, count: 0 };
    }
    const hashes = await checkEntries(journal, problems, progress);
    const leaves = new Map();
    for (const row of sealed) {
      if (leaves.has(row.index)) problems.push(["replayed", row.number || 0]);
      leaves.set(row.index, hashes.get(row) || (await leafHash(bytes(row.leaf))));
    }
    for (const row of journal.announced) {
      if (!same(bytes(row.leaf).slice(73), await hmac(await keyed(bytes(row.nonce)), utf8(canonical(row.entry))))) problems.push(["edited", 0]);
      if (row.entry.space_id !== journal.space) problems.push(["swapped", 0]);
    }
    const root = await rebuiltRoot(leaves, note.size, journal.proof).catch(() => new Uint8Array());
    if (!same(root, note.root)) problems.push(["not-in-log", 0]);
    const shown = readCheckpoint(publicNote);
    if (shown.size < note.size) problems.push(["rolled-back", 0]);
    if (shown.size === note.size && !same(shown.root, note.root)) problems.push(["forked", 0]);
    let [signatures, seen] = [true, new Map()];
    try {
      const keys = await Promise.all(journal.log.keys.map(readKey));
      const found = await checkSignatures(note, keys);
      seen = found.seen;
      if (!found.signed) problems.push(["re-signed", 0]);
      if (seen.size < Math.max(journal.log.quorum, keys.some((key) => key.kind === 4) ? 1 : 0)) problems.push(["unwitnessed", 0]);
      const newest = Math.max(0, ...seen.values());
      for (const row of journal.waiting) {
        if (!newest || Date.parse(row.entry.at) / 1000 >= newest - SLACK) continue;
        problems.push([journal.entries.length ? "suppressed" : "unsealed", 0]);
        if (!journal.entries.length) break;
      }
    } catch (error) {
      if (error.name !== "NotSupportedError") throw error;
      signatures = false;
    }
    return { problems, seen, signatures, count: journal.entries.length };
  }

  /* The page: one button, one status, words that are the page's own. */
  function start(box) {
    const [button, status, list] = ["button", "[data-status]", "[data-problems]"].map((one) => box.querySelector(one));
    const words = (kind) => {
      const found = box.querySelector("template").content.querySelector('[data-kind="' + kind + '"]');
      return found ? found.textContent : kind;
    };
    const say = (tone, text) => {
      box.dataset.state = tone;
      status.textContent = text;
    };
    button.hidden = false;
    button.addEventListener("click", async () => {
      button.disabled = true;
      list.replaceChildren();
      say("busy", words("busy"));
      try {
        const [journal, shown] = await Promise.all([
          fetch(box.dataset.verify, { cache: "no-store" }).then((answer) => {
            // something is kept apart: the whole is shown after a fresh proof of identity only
            if (answer.redirected) location.assign("/confirmer-identite?retour=%2Factivite");
            return answer.json();
          }),
          fetch(box.dataset.checkpoint, { cache: "no-store" }).then((answer) => (answer.ok ? answer.text() : "")),
        ]);
        const result = await verify(journal, shown || journal.checkpoint, (done, all) => say("busy", words("busy") + " " + done + " / " + all));
        for (const [kind, number] of result.problems.slice(0, 20)) {
          const item = document.createElement("li");
          item.textContent = words(kind).replace("{number}", number);
          list.append(item);
        }
        if (result.problems.length) say("wrong", words("wrong"));
        else {
          const when = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "long", timeStyle: "medium" });
          const newest = Math.max(0, ...result.seen.values());
          const text = words(!result.signatures ? "right-unsigned" : result.seen.size ? "right" : "right-alone").replaceAll("{count}", result.count);
          say(result.signatures ? "right" : "partly", text.replace("{witnesses}", [...result.seen.keys()].join(", ")).replace("{moment}", newest ? when.format(newest * 1000) : ""));
        }
      } catch {
        say("unsure", words("unsure"));
      }
      button.disabled = false;
    });
  }

  if (window.crypto && crypto.subtle) document.querySelectorAll("[data-verify]").forEach(start);
})();
