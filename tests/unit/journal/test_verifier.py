"""The offline verifier: what is whole passes whatever its shape, and each kind of tampering is named."""

import base64
import copy
import datetime as dt
import hmac
import json
import subprocess
import time
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st
from playwright._impl._driver import compute_driver_executable

from carnet import design
from carnet.journal.queries.proof import written
from carnet.journal.rules.leaves import canonical as canonical_of_the_house
from carnet.journal.rules.leaves import leaf, leaf_hash
from carnet.journal.verify_journal import (
    Q,
    canonical,
    compare_with_earlier,
    compare_with_log,
    ed25519_verify,
    main,
    parse_key,
    told,
    verify,
)
from factories.journal_export import AT, make_entry, make_export, sealed, seed, write_log

HERE = Path(__file__).parent
SCRIPT = Path(design.__file__).parent / "static" / "verify.js"
NODE = str(compute_driver_executable()[0])  # the engine that comes with the browsers of the other tests

# RFC 8032 §7.1: public key, message, signature
VECTORS = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
]


@pytest.mark.parametrize(("public", "message", "signature"), VECTORS)
def test_ed25519_as_the_rfc_says(public, message, signature):
    public, message, signature = (bytes.fromhex(one) for one in (public, message, signature))
    assert ed25519_verify(public, message, signature)
    assert not ed25519_verify(public, message + b"!", signature)
    for place in range(0, 64, 7):
        broken = bytearray(signature)
        broken[place] ^= 1
        assert not ed25519_verify(public, message, bytes(broken))
    high = int.from_bytes(signature[32:], "little") + Q
    assert not ed25519_verify(public, message, signature[:32] + high.to_bytes(32, "little"))


@settings(max_examples=25, deadline=None)
@given(st.binary(min_size=32, max_size=32), st.binary(max_size=64), st.integers(0, 511))
def test_ed25519_agrees_with_cryptography(secret, message, bit):
    key = Ed25519PrivateKey.from_private_bytes(secret)
    public = key.public_key().public_bytes_raw()
    signature = bytearray(key.sign(message))
    assert ed25519_verify(public, message, bytes(signature))
    signature[bit // 8] ^= 1 << bit % 8
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(bytes(signature), message)
        expected = True
    except InvalidSignature:
        expected = False
    assert ed25519_verify(public, message, bytes(signature)) is expected


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abcxyz-_", max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text("abcxyz-_", max_size=5), JSON, max_size=4), st.text(st.characters(codec="utf-8")))
def test_house_and_verifier_write_the_same_canonical_json(details, name):
    entry = make_entry("s", 1, details=details, actor_name=name)
    assert canonical_of_the_house(entry) == canonical({**entry, "at": "2026-11-21T09:00:01Z"})


def test_canonical_json_is_that_of_the_rfc():
    """RFC 8785 §3.2.2.2 and §3.2.3, as far as entries use it."""
    odd = {"b": '€$\u000f\nA\'B"\\\\"/', "a": {"z": [56, None, True, False], "\u00f6": "ö"}}
    assert (
        canonical(odd)
        == b'{"a":{"z":[56,null,true,false],"\xc3\xb6":"\xc3\xb6"},"b":"\xe2\x82\xac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )


@settings(max_examples=40, deadline=None)
@given(count=st.integers(1, 70), strangers=st.integers(0, 5), witnesses=st.integers(0, 3))
def test_a_clean_journal_never_rings(count, strangers, witnesses):
    names = tuple(f"w{one}" for one in range(witnesses))
    export = make_export(count, strangers=strangers, witnesses=names)
    result = verify(json.loads(json.dumps(export)))
    assert result.problems == []
    assert result.notices == []
    assert len(result.seen) == witnesses


def entry_of(export, number):
    return next(row for row in export["entries"] if row["number"] == number)


def edit(export):
    entry_of(export, 3)["entry"]["actor_name"] = "Dr Personne"


def delete(export):
    export["entries"].remove(entry_of(export, 3))


def reorder(export):
    one, two = entry_of(export, 3), entry_of(export, 4)
    one["number"], two["number"] = 4, 3


def insert(export):
    export["entries"].insert(3, copy.deepcopy(entry_of(export, 3)))


def back_date(export):
    entry_of(export, 3)["entry"]["at"] = "2026-11-01T08:00:00Z"


def re_sign(export):
    export["checkpoint"] = make_export(6, signer="thief")["checkpoint"]


def sign_alone(export):
    export["checkpoint"] = make_export(6, cosigners=("thief",))["checkpoint"]


def replay(export):
    entry_of(export, 4)["index"] = entry_of(export, 3)["index"]


def swap(export):
    other = make_export(6, name="stranger")
    entry_of(export, 3).update(entry_of(other, 3))


def not_published(export):
    forked = make_export(6, strangers=2)
    export["checkpoint"] = forked["checkpoint"]


def suppress(export):
    waiting = copy.deepcopy(entry_of(export, 6))
    waiting["entry"]["at"] = "2026-11-21T08:00:00Z"
    export["waiting"].append(waiting)


def shorten_proof(export):
    export["proof"].pop()


def cut_the_chain(export):
    """What a dishonest sequencer could seal: a leaf that follows another."""
    leaves = [base64.b64decode(one) for one in export["_leaves"]]
    row = entry_of(export, 4)
    data = bytearray(base64.b64decode(row["leaf"]))
    data[50] ^= 1
    leaves[row["index"]] = bytes(data)
    row["leaf"] = base64.b64encode(data).decode()
    export.update(sealed(export["entries"], leaves, space=export["space"], key=bytes.fromhex(export["key"])))


def seal_a_past(export):
    """An entry added through the front door with a date that is past."""
    export.update(made_with_dates([1, 2, 3, -86_400, 5]))


def made_with_dates(seconds):
    import factories.journal_export as made

    real = made.make_entry
    made.make_entry = lambda space, number, **changes: real(
        space, number, at=made.AT + dt.timedelta(seconds=seconds[number - 1]), **changes
    )
    try:
        return make_export(len(seconds))
    finally:
        made.make_entry = real


def add_a_seventh(export, index):
    """An entry nobody sealed: what the house could make alone, at a place the tree does not have."""
    key, last = bytes.fromhex(export["key"]), entry_of(export, 6)
    entry, nonce = written(make_entry(export["space"], 7)), seed("forged")
    data = leaf(
        seconds=int(AT.timestamp()) + 8,
        key=key,
        place=7,
        previous=leaf_hash(base64.b64decode(last["leaf"])),
        committed=hmac.digest(nonce, canonical(entry), "sha256"),
    )
    row = {"number": 7, "index": index, "leaf": base64.b64encode(data).decode(), "entry": entry}
    export["entries"].append(row | {"nonce": base64.b64encode(nonce).decode()})


def beside(index):
    return lambda export: add_a_seventh(export, index)


def number_between(export):
    entry_of(export, 4)["number"] = 3.5


def announce_a_strangers(export):
    """An entry of somebody else, in the log, shown as announced since."""
    other = make_export(1, name="stranger")["entries"][0]
    leaves = [base64.b64decode(one) for one in export["_leaves"]]
    row = {name: other[name] for name in ("leaf", "nonce", "entry")} | {"index": len(leaves)}
    leaves.append(base64.b64decode(other["leaf"]))
    whole = sealed([*export["entries"], row], leaves, space=export["space"], key=bytes.fromhex(export["key"]))
    export.update(whole | {"entries": export["entries"], "announced": [row]})


def nothing_sealed(export):
    """A log begun anew after a restore has not come to this journal yet: one sentence, and nobody is accused."""
    export["waiting"] = [{key: row[key] for key in ("nonce", "entry")} for row in export["entries"]]
    for row in export["waiting"]:
        row["entry"] = {**row["entry"], "at": "2020-01-01T00:00:00Z"}
    export["entries"], export["proof"] = [], [export["checkpoint"].split("\n")[2]]


TAMPERINGS = {
    "edited": edit,
    "deleted": delete,
    "reordered": reorder,
    "inserted": insert,
    "edited (back-dated after sealing)": back_date,
    "back-dated (through the front door)": seal_a_past,
    "re-signed": re_sign,
    "unwitnessed": sign_alone,
    "replayed": replay,
    "swapped": swap,
    "not-in-log": not_published,
    "not-in-log (proof)": shorten_proof,
    "suppressed": suppress,
    "broken-chain": cut_the_chain,
    "malformed (between two places)": beside(10.5),
    "malformed (before the first place)": beside(-1),
    "not-in-log (past the last place)": beside(12),
    "not-in-log (far past the last place)": beside(2**40),
    "malformed (true is no place)": beside(True),
    "malformed (nor is false)": beside(False),
    "malformed (between two numbers)": number_between,
    "swapped (announced)": announce_a_strangers,
    "unsealed (all of it waits)": nothing_sealed,
}


@pytest.mark.parametrize("kind", TAMPERINGS)
def test_each_tampering_is_named(kind):
    export = make_export(6)
    assert verify(export).problems == []
    TAMPERINGS[kind](export)
    result = verify(export)
    assert kind.partition(" ")[0] in {one.kind for one in result.problems}, result.problems
    for language in ("en", "fr"):
        assert kind.partition(" ")[0] in told(result, language)


def test_the_page_names_each_tampering_as_the_program_does():
    """Its own script, run by a browser's engine without a browser; one run for all."""
    clean = make_export(6)
    cases = [("", clean)]
    for kind, tamper in TAMPERINGS.items():
        cases.append((kind.partition(" ")[0], make_export(6)))
        tamper(cases[-1][1])
    given = json.dumps([{"journal": one, "checkpoint": one["checkpoint"]} for _, one in cases])
    ran = subprocess.run(
        [NODE, HERE / "in_a_browser.js", SCRIPT], input=given, capture_output=True, text=True, check=True
    )
    for (kind, _), said in zip(cases, json.loads(ran.stdout), strict=True):
        assert said["state"] == ("wrong" if kind else "right"), (kind, said)
        assert not kind or kind in said["problems"], (kind, said)


def test_trusted_keys_bring_their_own_quorum():
    """An export cannot say how few witnesses are enough when the keys are the reader's."""
    export = make_export(3, witnesses=("w1", "w2", "w3"), cosigners=("w1",))
    export["log"]["quorum"] = 1
    trusted = [parse_key(one) for one in export["log"]["keys"]]
    assert verify(export).problems == []
    assert [one.kind for one in verify(export, trusted).problems] == ["unwitnessed"]
    assert verify(export, trusted, 1).problems == []


def test_an_export_of_another_log_is_said_to_be_one_and_not_compared():
    assert [one.kind for one in compare_with_earlier(make_export(3), make_export(5, origin="old.example"))] == [
        "other-log"
    ]


def test_what_no_witness_saw_is_not_said_to_be_seen():
    result = verify(make_export(3, witnesses=(), cosigners=()))
    assert result.problems == []
    assert "No witness saw that log" in told(result)
    assert "Aucun témoin" in told(result, "fr")
    assert "left out" in told(result)
    assert "left out" not in told(result, compared=True)


def test_an_earlier_export_without_a_seal_is_no_crash(tmp_path, capsys):
    before, now = make_export(3) | {"checkpoint": "", "entries": []}, make_export(3)
    for name, export in (("before", before), ("now", now), ("junk", {"format": "x"})):
        (tmp_path / name).write_text(json.dumps(export), encoding="utf-8")
    assert main([str(tmp_path / "now"), "--earlier", str(tmp_path / "before")]) == 0
    assert main([str(tmp_path / "before"), "--earlier", str(tmp_path / "now")]) == 1
    assert "rolled-back" in capsys.readouterr().out
    assert main([str(tmp_path / "now"), "--earlier", str(tmp_path / "junk")]) == 1
    assert "malformed" in capsys.readouterr().out


def test_the_end_cut_off_is_seen_with_the_log_or_an_earlier_export(tmp_path):
    whole = make_export(6)
    short = make_export(6)
    short["entries"] = short["entries"][:4]
    rest = sealed(
        short["entries"],
        [base64.b64decode(one) for one in whole["_leaves"]],
        space=whole["space"],
        key=bytes.fromhex(whole["key"]),
    )
    # four entries that are true: only the log or an older export tells that there are six
    assert verify(rest).problems == []
    write_log(tmp_path, whole)
    assert [one.kind for one in compare_with_log(rest, str(tmp_path))] == ["truncated"]
    assert {one.kind for one in compare_with_earlier(rest, whole)} == {"truncated"}
    assert compare_with_log(whole, str(tmp_path)) == []
    assert compare_with_earlier(whole, rest) == []


def test_a_fork_and_a_roll_back_are_seen_with_the_log(tmp_path):
    write_log(tmp_path / "other", make_export(6, strangers=2, name="another"))
    assert [one.kind for one in compare_with_log(make_export(3), str(tmp_path / "other"))] == ["forked"]
    write_log(tmp_path / "older", make_export(2))
    assert [one.kind for one in compare_with_log(make_export(6), str(tmp_path / "older"))] == ["rolled-back"]
    assert "rolled-back" in {one.kind for one in compare_with_earlier(make_export(2), make_export(6))}


@pytest.mark.parametrize("junk", [{}, {"format": "x"}, [], {"format": "carnet-journal/1", "checkpoint": "a\nb"}])
def test_junk_is_malformed_not_a_crash(junk):
    assert [one.kind for one in verify(junk).problems] == ["malformed"]


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_one_changed_character_anywhere_is_seen(data):
    """Whatever proves the journal: any letter of it changed, any number in it, is a problem."""
    export = make_export(4)
    where = data.draw(st.sampled_from(["leaf", "nonce", "entry", "proof", "key", "root", "space"]))
    row = export["entries"][data.draw(st.integers(0, 3))]
    if where in {"leaf", "nonce"}:
        row[where] = changed(data, row[where])
    elif where == "entry":
        field = data.draw(st.sampled_from(sorted(row["entry"])))
        row["entry"][field] = "changed" if row["entry"][field] != "changed" else None
    elif where == "proof":
        place = data.draw(st.integers(0, len(export["proof"]) - 1))
        export["proof"][place] = changed(data, export["proof"][place])
    elif where == "root":
        lines = export["checkpoint"].split("\n")
        lines[2] = changed(data, lines[2])
        export["checkpoint"] = "\n".join(lines)
    else:
        export[where] = export[where].replace(export[where][5], "0" if export[where][5] != "0" else "1")
    assert verify(export).problems


def changed(data, written):
    raw = bytearray(base64.b64decode(written))
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    return base64.b64encode(raw).decode()


def test_ten_thousand_entries_in_two_seconds():
    export = json.dumps(make_export(10_000))
    begun = time.process_time()
    result = verify(json.loads(export))
    assert result.problems == []
    assert result.entries == 10_000
    assert time.process_time() - begun < 2
