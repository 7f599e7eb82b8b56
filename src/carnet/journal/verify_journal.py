"""Check a journal exported from Carnet, offline: `python verify_journal.py export.json` (or `carnet verify-journal`).

One file, nothing but Python's standard library, so that a person can read it and hand it to somebody they trust; for
that it is longer than files of ours are: cut in two, nobody could download one thing and run it. It believes only the
public keys: entries, numbers, order, tree, signatures and cosignatures are recomputed here. The format and the kinds of
trouble are described in docs/journal-format.md; nothing of Carnet is imported, on purpose.
"""

import argparse
import base64
import hashlib
import hmac
import json
import os
import sys
import urllib.request
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from itertools import pairwise, product
from pathlib import Path
from typing import Any, NamedTuple

FORMAT = "carnet-journal/1"
LEAF_BYTES = 105
SLACK = timedelta(minutes=5)
LATE = timedelta(hours=1)
LARGEST = 256 * (LEAF_BYTES + 2)


class Problem(NamedTuple):
    """One thing that is wrong. kind: a word of the table below; number: the entry it is about, 0 for the whole."""

    kind: str
    number: int = 0


class Result(NamedTuple):
    """What was found. seen: (witness, seconds since 1970); notices do not make a journal false."""

    entries: int
    problems: list[Problem]
    notices: list[Problem]
    seen: list[tuple[str, int]]
    waiting: int


KINDS = {
    "unsealed": ("nothing of this journal is sealed yet", "rien de ce journal n'est encore scellé"),
    "malformed": ("this is not a journal exported by Carnet", "ce fichier n'est pas un journal exporté de Carnet"),
    "edited": ("entry %d was changed after it was sealed", "la ligne %d a été modifiée après avoir été scellée"),
    "deleted": ("entry %d is missing", "la ligne %d manque"),
    "inserted": ("number %d is used by two entries", "deux lignes portent le numéro %d"),
    "reordered": ("entry %d is not in its place: another number was sealed there", "la ligne %d n'est pas à sa place : c'est un autre numéro qui a été scellé là"),
    "swapped": ("entry %d comes from another space", "la ligne %d vient d'un autre espace"),
    "broken-chain": ("entry %d does not follow the one before it", "la ligne %d ne suit pas celle qui la précède"),
    "back-dated": ("entry %d is dated before the one it follows", "la ligne %d est datée d'avant celle qu'elle suit"),
    "replayed": ("entry %d uses the place of another in the log", "la ligne %d occupe dans le registre la place d'une autre"),
    "truncated": ("entry %d exists in the log but not in this journal", "la ligne %d existe dans le registre mais pas dans ce journal"),
    "not-in-log": ("these entries are not part of the log the witnesses saw", "ces lignes ne font pas partie du registre que les témoins ont vu"),
    "re-signed": ("the log's signature is not that of its key", "la signature du registre n'est pas celle de sa clé"),
    "unwitnessed": ("not enough witnesses saw this log", "trop peu de témoins ont vu ce registre"),
    "forked": ("the public log holds another history than this journal", "le registre public contient une autre histoire que ce journal"),
    "rolled-back": ("the public log is older than this journal: it was rolled back", "le registre public est plus ancien que ce journal : il est revenu en arrière"),
    "suppressed": ("an entry waits for too long: it was never sealed", "une ligne attend depuis trop longtemps : elle n'a jamais été scellée"),
    "other-log": ("the earlier export is of another log, which ended: what it holds is proved there", "l'export plus ancien vient d'un autre registre, qui a pris fin : c'est là qu'il se prouve"),
    "sealed-late": ("entry %d was sealed long after its date", "la ligne %d a été scellée longtemps après sa date"),
}  # fmt: skip


# --- Ed25519 (RFC 8032 §5.1.7), verification only: nothing secret is handled, so nothing has to be constant-time ---------
P = 2**255 - 19
Q = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)
Point = tuple[int, int, int, int]


def _add(p: Point, q: Point) -> Point:
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def _times(number: int, p: Point) -> Point:
    q: Point = (0, 1, 1, 0)
    while number:
        if number & 1:
            q = _add(q, p)
        p, number = _add(p, p), number >> 1
    return q


def _same(p: Point, q: Point) -> bool:
    return (p[0] * q[2] - q[0] * p[2]) % P == 0 and (p[1] * q[2] - q[1] * p[2]) % P == 0


def _point(data: bytes) -> Point | None:
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return (x, y, 1, x * y % P)


_Y = 4 * pow(5, P - 2, P) % P
BASE = _point(_Y.to_bytes(32, "little"))


def ed25519_verify(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether `signature` (64 bytes) is that of `message` by the key `public` (32 bytes)."""
    a, r = (_point(public), _point(signature[:32])) if (len(public), len(signature)) == (32, 64) else (None, None)
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or BASE is None or s >= Q:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % Q
    return _same(_times(s, BASE), _add(r, _times(h, a)))


# --- signed notes (C2SP signed-note, tlog-checkpoint, tlog-cosignature) ---------------------------------------------
class Key(NamedTuple):
    """A verifier key: name, what a signature line of it begins with, kind (1 the log, 4 a witness), public key."""

    name: str
    key_id: bytes
    kind: int
    public: bytes


def parse_key(text: str) -> Key:
    """Return the key written as `name+hash+key`. Raises ValueError."""
    name, given, encoded = text.strip().split("+", 2)
    data = base64.b64decode(encoded, validate=True)
    key_id = hashlib.sha256(name.encode() + b"\n" + data).digest()[:4]
    if len(data) != 33 or key_id.hex() != given:  # noqa: PLR2004 - kind and Ed25519 key
        raise ValueError("not a key")
    return Key(name, key_id, data[0], data[1:])


def parse_checkpoint(note: str) -> tuple[str, str, int, bytes, list[tuple[str, bytes]]]:
    """Return (signed text, origin, size, root, [(name, signature)]). Raises ValueError."""
    text, _, lines = note.rpartition("\n\n")
    origin, size, root = text.split("\n")
    signatures = []
    for line in lines.splitlines():
        dash, name, encoded = line.split(" ")
        if dash != "\u2014":
            raise ValueError("not a signature")
        signatures.append((name, base64.b64decode(encoded, validate=True)))
    return text + "\n", origin, int(size), base64.b64decode(root, validate=True), signatures


def check_signatures(note: str, keys: list[Key]) -> tuple[bool, list[tuple[str, int]]]:
    """Return whether the log signed, and (witness, seconds) of each valid cosignature."""
    text, origin, _, _, signatures = parse_checkpoint(note)
    signed, seen = False, {}
    for (name, data), key in product(signatures, keys):
        if (key.name, key.key_id) != (name, data[:4]):
            continue
        if key.kind == 1 and name == origin:
            signed = signed or ed25519_verify(key.public, text.encode(), data[4:])
        if key.kind == 4 and len(data) == 76 and data[4:8] == bytes(4):  # noqa: PLR2004 - cosignature/v1, this age
            seconds = int.from_bytes(data[4:12], "big")
            if ed25519_verify(key.public, f"cosignature/v1\ntime {seconds}\n{text}".encode(), data[12:]):
                seen[name] = seconds
    return signed, sorted(seen.items())


# --- leaves and the tree (RFC 6962) ------------------------------------------------------------
def canonical(entry: dict[str, Any]) -> bytes:
    """Return an entry as RFC 8785 canonical JSON (entries hold no fractions, and only ASCII keys)."""
    return json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def label(key: bytes, number: int) -> bytes:
    """Return the label of entry `number` of the space whose stream key is `key`."""
    return hmac.digest(key, b"carnet-journal-label\x00" + number.to_bytes(8, "big"), "sha256")


def leaf_hash(leaf: bytes) -> bytes:
    """Return the hash of a leaf in the tree."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def rebuilt_root(leaves: dict[int, bytes], size: int, proof: Iterator[bytes]) -> bytes:
    """Return the root that leaf hashes by index and the proof lead to: left to right, halves as RFC 6962 divides."""
    indices = sorted(leaves)

    def walk(low: int, high: int, first: int, last: int) -> bytes:
        if first == last:
            return next(proof)
        if high - low == 1:
            if indices[first:last] != [low]:  # what has no place of its own in the tree proves nothing
                raise KeyError(low)
            return leaves[low]
        middle = low + (1 << ((high - low - 1).bit_length() - 1))
        cut = first
        while cut < last and indices[cut] < middle:
            cut += 1
        left = walk(low, middle, first, cut)
        return hashlib.sha256(b"\x01" + left + walk(middle, high, cut, last)).digest()

    return walk(0, size, 0, len(indices))


# --- the journal ------------------------------------------------------------
ODD = (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError, OverflowError)


def verify(export: dict[str, Any], keys: list[Key] | None = None, quorum: int | None = None) -> Result:
    """Check one export. keys: those you trust; None takes the ones the export names (compare their hashes).

    quorum: how many witnesses must have seen it; None: more than half of those you trust, or what the export says when
    its keys are its own.
    """
    problems: list[Problem] = []
    try:
        if export["format"] != FORMAT:
            raise ValueError(FORMAT)
        if not export["checkpoint"]:
            return Result(0, [Problem("unsealed")], [], [], len(export["waiting"]))
        seen = _check_names(export, keys, quorum, problems)
        notices = _check_entries(export, problems)
        _check_places(export, problems)
        # what is younger than the checkpoint waits its turn; what is older was suppressed
        newest = max((seconds for _, seconds in seen), default=0) - SLACK.total_seconds()
        late = [row for row in export["waiting"] if _time(row["entry"]).timestamp() < newest]
        problems += [Problem("suppressed" if export["entries"] else "unsealed")] * len(
            late if export["entries"] else late[:1]
        )
    except ODD:
        return Result(0, [Problem("malformed")], [], [], 0)
    return Result(len(export["entries"]), problems, notices, seen, len(export["waiting"]))


def _check_names(
    export: dict[str, Any], keys: list[Key] | None, quorum: int | None, problems: list[Problem]
) -> list[tuple[str, int]]:
    trusted = [parse_key(one) for one in export["log"]["keys"]] if keys is None else keys
    witnesses = len({one.name for one in trusted if one.kind == 4})  # noqa: PLR2004 - a witness's key
    if quorum is None:
        quorum = _whole(export["log"]["quorum"], 0) if keys is None else witnesses // 2 + (witnesses > 0)
    signed, seen = check_signatures(export["checkpoint"], trusted)
    problems += [Problem("re-signed")] * (not signed)
    problems += [Problem("unwitnessed")] * (len(seen) < max(quorum, witnesses > 0))
    return seen


def _check_places(export: dict[str, Any], problems: list[Problem]) -> None:
    """Everything has a place of its own in the tree whose root was signed, and the proof is used up."""
    _, _, size, root, _ = parse_checkpoint(export["checkpoint"])
    leaves: dict[int, bytes] = {}
    for row in export["entries"] + export["announced"]:
        if _whole(row["index"], 0) in leaves:
            problems.append(Problem("replayed", row.get("number", 0)))
        leaves[row["index"]] = leaf_hash(_bytes(row["leaf"]))
    for row in export["announced"]:
        problems += [Problem("edited")] * (_commitment(row) != _bytes(row["leaf"])[73:])
        problems += [Problem("swapped")] * (row["entry"]["space_id"] != export["space"])
    try:
        proof = iter([_bytes(one) for one in export["proof"]])
        held = rebuilt_root(leaves, size, proof) == root and next(proof, None) is None if size else not leaves
    except (StopIteration, KeyError, RuntimeError):
        held = False
    problems += [Problem("not-in-log")] * (not held)


def _whole(value: Any, least: int) -> int:
    """Return a number written as a whole one (true is 1 and 3.5 is near 3 elsewhere: not here). Raises ValueError."""
    if type(value) is not int or value < least:
        raise ValueError("not a whole number")
    return value


def _check_entries(export: dict[str, Any], problems: list[Problem]) -> list[Problem]:
    key, space, rows = bytes.fromhex(export["key"]), export["space"], export["entries"]
    numbers = [_whole(row["number"], 1) for row in rows]
    ordered, known = sorted(numbers), set(numbers)
    last = min(ordered[-1], 2 * len(rows) + 1000) if rows else 0  # a number of any size is named, not counted up to
    problems += [Problem("deleted", one) for one in range(1, last + 1) if one not in known]
    problems += [Problem("inserted", one) for one, two in pairwise(ordered) if one == two]
    labels: dict[bytes, int] = {}
    notices: list[Problem] = []
    previous, before, dated = bytes(32), 0, None
    for row in sorted(rows, key=lambda one: one["number"]):
        number, leaf, entry = row["number"], _bytes(row["leaf"]), row["entry"]
        if len(leaf) != LEAF_BYTES or leaf[0] != 1:
            problems.append(Problem("edited", number))
            continue
        if leaf[9:41] != label(key, number):
            labels = labels or {label(key, one): one for one in range(1, last + 2)}
            problems.append(Problem("reordered" if leaf[9:41] in labels else "swapped", number))
        elif before == number - 1 and leaf[41:73] != hmac.digest(key, b"carnet-journal-link\x00" + previous, "sha256"):
            problems.append(Problem("broken-chain", number))
        if entry["space_id"] != space:
            problems.append(Problem("swapped", number))
        if _commitment(row) != leaf[73:]:
            problems.append(Problem("edited", number))
        at = _time(entry)
        if dated is not None and at < dated - SLACK:
            problems.append(Problem("back-dated", number))
        if abs(int.from_bytes(leaf[1:9], "big") - at.timestamp()) > LATE.total_seconds():
            notices.append(Problem("sealed-late", number))
        previous, before, dated = leaf_hash(leaf), number, at
    return notices


def _time(entry: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(entry["at"].replace("Z", "+00:00"))


def _commitment(row: dict[str, Any]) -> bytes:
    return hmac.digest(_bytes(row["nonce"]), canonical(row["entry"]), "sha256")


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def compare_with_earlier(export: dict[str, Any], earlier: dict[str, Any]) -> list[Problem]:
    """Return what an export made earlier says about this one: nothing may be gone or different in the same log."""
    if len({parse_checkpoint(one["checkpoint"])[1] for one in (export, earlier) if one["checkpoint"]}) > 1:
        return [Problem("other-log")]
    now, problems = {row["number"]: row["leaf"] for row in export["entries"]}, []
    for row in earlier["entries"]:
        found = now.get(row["number"])
        problems += [Problem("truncated" if found is None else "forked", row["number"])] * (found != row["leaf"])
    size, before = (parse_checkpoint(one["checkpoint"])[2] if one["checkpoint"] else 0 for one in (export, earlier))
    return problems + [Problem("rolled-back")] * (size < before)


def compare_with_log(export: dict[str, Any], where: str) -> list[Problem]:
    """Read the whole public log (address or folder): the same history, and no entry of ours beyond the last one."""
    _, _, public, _, _ = parse_checkpoint(_fetch(where, "checkpoint").decode())
    _, _, size, root, _ = parse_checkpoint(export["checkpoint"])
    if public < size:
        return [Problem("rolled-back")]
    key, last = bytes.fromhex(export["key"]), max((row["number"] for row in export["entries"]), default=0)
    beyond, found, leaves = label(key, last + 1), False, []
    for number in range(-(-public // 256)):
        width = min(public - number * 256, 256)
        data = _fetch(where, f"tile/entries/{_tile_name(number)}" + (f".p/{width}" if width < 256 else ""))  # noqa: PLR2004
        bundle = [data[at + 2 : at + 2 + LEAF_BYTES] for at in range(0, width * (LEAF_BYTES + 2), LEAF_BYTES + 2)]
        # what was sealed after the export is not missing from it
        found = found or any(one[9:41] == beyond for at, one in enumerate(bundle, number * 256) if at < size)
        leaves += [leaf_hash(one) for one in bundle]
    whole = rebuilt_root(dict(enumerate(leaves[:size])), size, iter(())) if size else root
    return [Problem("truncated", last + 1)] * found + [Problem("forked")] * (whole != root)


def _tile_name(number: int) -> str:
    *above, last = (one.zfill(3) for one in f"{number:,}".split(","))
    return "".join(f"x{one}/" for one in above) + last


def _fetch(where: str, path: str) -> bytes:
    if not where.startswith(("http://", "https://")):  # a folder, where a tile that still grows is one file
        return (Path(where) / path.partition(".p/")[0]).read_bytes()
    with urllib.request.urlopen(f"{where.rstrip('/')}/{path}", timeout=10) as answer:  # noqa: S310 - http(s) only
        content: bytes = answer.read(LARGEST)
        return content


# --- for people ------------------------------------------------------------
SAID = {
    "right": ("Verified: your {0} entries are complete from 1 to {0} and part of the log that these witnesses saw on {1}.", "Vérifié : vos {0} lignes sont complètes de 1 à {0} et font partie du registre que ces témoins ont vu ({1})."),
    "alone": ("Verified: your {0} entries are complete from 1 to {0} and part of the log. No witness saw that log: only whoever holds its key vouches for it.", "Vérifié : vos {0} lignes sont complètes de 1 à {0} et font partie du registre. Aucun témoin n'a vu ce registre : seul celui qui en tient la clé en répond."),
    "end": ("Entries after {0} that were left out would not show here: compare with the log (--log) or an earlier export (--earlier).", "Des lignes après la {0} qui auraient été ôtées ne se verraient pas ici : comparez avec le registre (--log) ou un export plus ancien (--earlier)."),
    "waiting": ("{0} newer entries still wait to be sealed (a few seconds).", "{0} ligne(s) plus récente(s) attendent encore d'être scellées (quelques secondes)."),
}  # fmt: skip


def told(result: Result, language: str = "en", *, compared: bool = False) -> str:
    """Return the result as sentences. compared: with the whole log or an earlier export."""
    french = language.startswith("fr")
    say = {name: texts[french] for name, texts in SAID.items()}
    lines = []
    if not result.problems:
        when = [f"{name}, {datetime.fromtimestamp(at, timezone.utc):%Y-%m-%d %H:%M:%S} UTC" for name, at in result.seen]
        lines.append(say["right" if when else "alone"].format(result.entries, "; ".join(when)))
        lines += [] if compared else [say["end"].format(result.entries)]
    for one in result.problems + result.notices:
        sentence = KINDS[one.kind][french]
        sentence = sentence % one.number if "%d" in sentence else sentence
        mark = ("À savoir" if french else "Note") if one in result.notices else ("Faux" if french else "Wrong")
        lines.append(f"{mark} [{one.kind}] : {sentence}." if french else f"{mark} [{one.kind}]: {sentence}.")
    lines += [say["waiting"].format(result.waiting)] if result.waiting else []
    return "\n".join(lines) + "\n"


def main(arguments: list[str] | None = None) -> int:
    """Check the export named on the command line; return 0 when nothing is wrong, 1 otherwise."""
    parser = argparse.ArgumentParser("verify_journal", description="Check a journal exported from Carnet, offline.")
    parser.add_argument("export", help="the JSON file downloaded from the activity page")
    parser.add_argument("--keys", help="file of verifier keys you trust, one a line (default: those in the export)")
    parser.add_argument("--quorum", type=int, help="witnesses who must have seen it (default: more than half)")
    parser.add_argument("--earlier", help="an export made earlier: nothing of it may have gone")
    parser.add_argument("--log", help="address or folder of the public log: read whole, to see what is missing")
    parser.add_argument("--language", default=os.environ.get("LC_ALL") or os.environ.get("LANG") or "en")
    options = parser.parse_args(arguments)
    export, keys = json.loads(Path(options.export).read_bytes()), None
    if options.keys:
        keys = [parse_key(line) for line in Path(options.keys).read_text(encoding="utf-8").splitlines() if line.strip()]
    result = verify(export, keys, options.quorum)
    if not any(one.kind == "malformed" for one in result.problems):
        try:
            if options.earlier:
                result.problems.extend(compare_with_earlier(export, json.loads(Path(options.earlier).read_bytes())))
            if options.log and export["checkpoint"]:
                result.problems.extend(compare_with_log(export, options.log))
        except ODD:
            result.problems.append(Problem("malformed"))
        except OSError as error:
            raise SystemExit(f"Cannot be read: {error}") from error
        if keys is None:
            names = ", ".join("+".join(one.split("+", 2)[:2]) for one in export["log"]["keys"])
            sys.stdout.write(f"Keys taken from the file itself; compare them with the published ones: {names}\n")
    sys.stdout.write(told(result, options.language, compared=bool(options.earlier or options.log)))
    return 1 if result.problems else 0


if __name__ == "__main__":
    raise SystemExit(main())
