"""The offline verifier to the letter: each bound at its last good and its first bad value, each check by itself."""

import base64
import datetime as dt
import functools
import hashlib
import hmac
import http.server
import json
import threading

import pytest

from carnet.journal import verify_journal
from carnet.journal.rules.leaves import LEAF_BYTES, leaf, leaf_hash
from carnet.journal.rules.notes import LOG, WITNESS, Note, cosign, public_key, sign
from carnet.journal.verify_journal import (
    BASE,
    P,
    Problem,
    Q,
    _point,
    _same,
    canonical,
    check_signatures,
    compare_with_earlier,
    compare_with_log,
    ed25519_verify,
    main,
    parse_checkpoint,
    parse_key,
    told,
    verify,
)
from factories.journal_export import AT, ORIGIN, key_of, make_export, sealed, seed, text, write_log

MINUTE = dt.timedelta(minutes=1)
MOMENT = dt.timedelta(microseconds=1)


def encoded(y, sign_bit=0):
    return (y | sign_bit << 255).to_bytes(32, "little")


def test_points_are_those_of_the_curve_written_in_the_one_way_there_is():
    """RFC 8032 §5.1.3: what is too large, off the curve, or minus zero is no point."""
    x = 15112221349535400772501151409588531511454012693041857206046113283949847762202
    assert BASE[:3] == (x, 46316835694926478169428394003475163141307993866256225615783033603165251855960, 1)
    assert _point(encoded(1))[:2] == (0, 1)
    for wrong in (encoded(1, 1), encoded(P), encoded(P + 1), encoded(2)):
        assert _point(wrong) is None
    assert _point(encoded(3, 1))[0] & 1 == 1
    assert _point(encoded(3))[0] & 1 == 0
    one, minus, below = (5, 7, 1, 35), (P - 5, 7, 1, P - 35), (5, P - 7, 1, P - 35)
    assert _same(one, one)
    assert not _same(one, minus)
    assert not _same(one, below)


def test_a_signature_counts_written_in_one_way_only():
    """For the neutral point as a key, R neutral and s = 0 hold for every message; s = Q is the same number again."""
    neutral = encoded(1)
    assert ed25519_verify(neutral, b"x", neutral + bytes(32))
    assert not ed25519_verify(neutral, b"x", neutral + Q.to_bytes(32, "little"))
    assert not ed25519_verify(encoded(2), b"x", neutral + bytes(32)), "a key off the curve"
    assert not ed25519_verify(neutral, b"x", encoded(2) + bytes(32))


def key_text(name, data, *, given=None):
    found = hashlib.sha256(name.encode() + b"\n" + data).hexdigest()[:8]
    return f"{name}+{given or found}+{base64.b64encode(data).decode()}"


def test_a_key_is_a_kind_thirty_two_bytes_and_the_hash_of_both():
    data = b"\x04" + seed("k")
    assert parse_key(key_text("w", data) + "\n")[2:] == (4, seed("k"))
    spoilt = key_text("w", data)
    for wrong in (key_text("w", data + b"x"), key_text("w", data, given="00000000"), f"{spoilt[:-3]}!{spoilt[-3:]}"):
        with pytest.raises(ValueError):
            parse_key(wrong)


def test_nothing_stands_between_the_letters_of_a_checkpoint():
    note = make_export(1)["checkpoint"]
    parse_checkpoint(note)
    root, signature = note.split("\n")[2], note.split("\n")[4]
    for wrong in (note.replace(root, f"!{root}"), note.replace(signature, f"{signature[:-4]}!{signature[-4:]}")):
        with pytest.raises(ValueError):
            parse_checkpoint(wrong)


def test_each_signature_counts_for_its_kind_of_key_its_name_and_its_time():
    words = f"{ORIGIN}\n3\n{text(seed('root'))}\n"
    ours, theirs = key_of("log"), key_of("w1")
    log, witness = public_key(ours, name=ORIGIN, kind=LOG), public_key(theirs, name="w1", kind=WITNESS)
    good, seen = sign(words, key=ours, name=ORIGIN), cosign(words, key=theirs, name="w1", seconds=7)

    def found(keys, *signatures):
        return check_signatures(str(Note(words, signatures)), [parse_key(str(one)) for one in keys])

    assert found([log, witness], good, seen) == (True, [("w1", 7)])
    spoilt = type(good)(good.name, good.key_id, good.data[:-1] + bytes([good.data[-1] ^ 1]))
    assert found([log], good, spoilt)[0], "one good one is enough"
    assert not found([log], spoilt)[0]
    other = public_key(ours, name="old.example", kind=LOG)
    assert not found([other], sign(words, key=ours, name="old.example"))[0], "another log's word"
    as_witness = public_key(ours, name=ORIGIN, kind=WITNESS)
    plain = type(good)(ORIGIN, as_witness.key_id, good.data)
    assert found([as_witness], plain) == (False, []), "a witness does not sign for the log"
    as_log = public_key(theirs, name="w1", kind=LOG)
    assert found([as_log], type(seen)("w1", as_log.key_id, seen.data)) == (False, []), "nor a log as a witness"
    last = 2**32 - 1
    assert found([witness], cosign(words, key=theirs, name="w1", seconds=last))[1] == [("w1", last)]
    assert found([witness], cosign(words, key=theirs, name="w1", seconds=last + 1))[1] == []


def test_what_cannot_be_judged_has_no_entries():
    bare = make_export(2) | {"checkpoint": "", "waiting": [1, 2]}
    assert verify(bare) == (0, [("unsealed", 0)], [], [], 2)
    assert verify({"format": "x"}) == (0, [("malformed", 0)], [], [], 0)


SEEN = {
    "nobody to ask": (0, 0, True),
    "one of one": (1, 1, True),
    "none of one": (1, 0, False),
    "half of two": (2, 1, False),
    "two of three": (3, 2, True),
    "half of four": (4, 2, False),
    "two of five": (5, 2, False),
    "three of five": (5, 3, True),
}


@pytest.mark.parametrize("case", SEEN)
def test_more_than_half_of_those_one_trusts_must_have_seen_it(case):
    witnesses, seen, enough = SEEN[case]
    names = tuple(f"w{one}" for one in range(witnesses))
    export = make_export(2, witnesses=names, cosigners=names[:seen] or ("stranger",))
    trusted = [parse_key(one) for one in export["log"]["keys"]]
    assert verify(export, trusted).problems == ([] if enough else [("unwitnessed", 0)])
    export["log"]["quorum"] = 0
    assert (verify(export).problems == []) is (seen > 0 or witnesses == 0), "one at least, whatever the export says"


def waiting_since(*moments, export=None):
    export = export or make_export(2, witnesses=("w1", "w2"))
    row = export["entries"][0]
    export["waiting"] = [
        {"nonce": row["nonce"], "entry": row["entry"] | {"at": one.isoformat().replace("+00:00", "Z")}}
        for one in moments
    ]
    return export


def test_what_waits_longer_than_the_checkpoint_is_old_was_suppressed():
    newest = AT + dt.timedelta(seconds=4)
    assert verify(waiting_since(newest - 5 * MINUTE)).problems == []
    late = waiting_since(*[newest - 5 * MINUTE - MOMENT] * 2)
    assert verify(late).problems == [("suppressed", 0)] * 2
    assert verify(late).waiting == 2
    unseen = waiting_since(AT - 99 * MINUTE, export=make_export(2, witnesses=(), cosigners=()))
    assert verify(unseen).problems == [], "without a witness nobody knows how late it is"
    empty = sealed([], [seed("x").ljust(LEAF_BYTES, b"\0")], space="s", key=seed("k"))
    row = make_export(1)["entries"][0]
    empty["waiting"] = [{"nonce": row["nonce"], "entry": row["entry"] | {"at": "2020-01-01T00:00:00Z"}}] * 2
    assert verify(empty).problems == [("unsealed", 0)], "said once"
    empty["waiting"] = []
    assert verify(empty).problems == []


def test_the_newest_witness_says_how_old_the_checkpoint_is():
    export = make_export(2, witnesses=("w1", "w2"))
    words = parse_checkpoint(export["checkpoint"])[0]
    at = int(AT.timestamp())
    lines = (sign(words, key=key_of("log"), name=ORIGIN), cosign(words, key=key_of("w1"), name="w1", seconds=at),
             cosign(words, key=key_of("w2"), name="w2", seconds=at + 3600))  # fmt: skip
    export["checkpoint"] = str(Note(words, lines))
    assert verify(waiting_since(AT + 50 * MINUTE, export=export)).problems == [("suppressed", 0)]


def announced(change=lambda row: row):
    """An export in which its third entry was announced later."""
    export = make_export(3)
    row = {name: export["entries"][2][name] for name in ("leaf", "nonce", "entry", "index")}
    whole = export | {"entries": export["entries"][:2], "announced": [change(row)]}
    assert sum(len(whole[one]) for one in ("entries", "announced")) == 3
    return whole


def test_what_was_announced_is_checked_as_the_rest():
    assert verify(announced()).problems == []
    edited = announced(lambda row: row | {"entry": row["entry"] | {"actor_name": "X"}})
    assert verify(edited).problems == [("edited", 0)]
    assert ("replayed", 0) in verify(announced(lambda row: row | {"index": 0})).problems


def test_a_proof_is_used_up():
    export = make_export(3)
    export["proof"].append(export["proof"][0])
    assert verify(export).problems == [("not-in-log", 0)]


def without(export, *numbers):
    left = [row for row in export["entries"] if row["number"] not in numbers]
    leaves = [base64.b64decode(one) for one in export["_leaves"]]
    return sealed(left, leaves, space=export["space"], key=bytes.fromhex(export["key"]))


@pytest.mark.parametrize("gone", [(1,), (3,), (5,), (1, 2), (4, 5)])
def test_each_number_that_is_missing_is_named_and_nobody_else_is_accused(gone):
    assert verify(without(make_export(6), *gone)).problems == [("deleted", one) for one in gone]


def test_a_number_of_any_size_is_named_and_not_counted_up_to():
    export = make_export(5)
    export["entries"][4]["number"] = 10**15
    found = verify(export).problems
    assert [one.number for one in found if one.kind == "deleted"] == list(range(5, 2 * 5 + 1000 + 1))


def resealed(number, change, *, count=6):
    """An export as a dishonest sequencer would seal it, with one leaf changed."""
    export = make_export(count)
    row = export["entries"][number - 1]
    leaves = [base64.b64decode(one) for one in export["_leaves"]]
    leaves[row["index"]] = change(leaves[row["index"]])
    row["leaf"] = text(leaves[row["index"]])
    return sealed(export["entries"], leaves, space=export["space"], key=bytes.fromhex(export["key"]))


def test_a_leaf_of_another_form_is_no_leaf():
    for change in (lambda one: b"\x02" + one[1:], lambda one: one + b"x", lambda one: one[:-1]):
        assert ("edited", 6) in verify(resealed(6, change)).problems


def test_the_first_leaf_follows_none_and_every_other_the_one_before_it():
    broken = lambda one: one[:41] + seed("x") + one[73:]  # noqa: E731 - a change, as the others
    assert verify(resealed(1, broken, count=1)).problems == [("broken-chain", 1)]
    assert verify(resealed(6, broken)).problems == [("broken-chain", 6)]


def labelled(number):
    key = seed("space key")
    found = hmac.digest(key, b"carnet-journal-label\x00" + number.to_bytes(8, "big"), "sha256")
    return lambda one: one[:9] + found + one[41:]


@pytest.mark.parametrize(("number", "label", "kind"), [(6, 1, "reordered"), (1, 6, "reordered"), (6, 5, "reordered"),
                                                      (6, 7, "reordered"), (6, 8, "swapped")])  # fmt: skip
def test_a_leaf_of_another_number_or_of_another_space(number, label, kind):
    assert (kind, number) in verify(resealed(number, labelled(label))).problems


def dated(*moments, sealed_after=1):
    """An export whose entries say these times, sealed so many seconds after each."""
    export = make_export(len(moments))
    key, previous, leaves = bytes.fromhex(export["key"]), bytes(32), []
    for row, at in zip(export["entries"], moments, strict=True):
        row["entry"]["at"] = at.isoformat().replace("+00:00", "Z")
        nonce = base64.b64decode(row["nonce"])
        data = leaf(seconds=int(at.timestamp()) + sealed_after, key=key, place=row["number"], previous=previous,
                    committed=hmac.digest(nonce, canonical(row["entry"]), "sha256"))  # fmt: skip
        row["leaf"], row["index"], previous = text(data), len(leaves), leaf_hash(data)
        leaves.append(data)
    return sealed(export["entries"], leaves, space=export["space"], key=key)


def test_five_minutes_are_no_back_dating_and_an_hour_is_not_late():
    assert verify(dated(AT, AT - 5 * MINUTE)).problems == []
    assert verify(dated(AT, AT - 5 * MINUTE - MOMENT)).problems == [("back-dated", 2)]
    assert verify(dated(AT, AT, AT + MINUTE)).problems == []
    assert verify(dated(AT, sealed_after=3600)).notices == []
    assert verify(dated(AT, sealed_after=3601)) == (1, [], [("sealed-late", 1)], verify(dated(AT)).seen, 0)
    assert verify(dated(AT, sealed_after=-3601)).notices == [("sealed-late", 1)]
    assert verify(dated(AT, sealed_after=2**56)).notices == [("sealed-late", 1)]


def test_nothing_stands_between_the_letters_of_an_entry():
    export = make_export(2)
    export["entries"][1]["nonce"] = "!" + export["entries"][1]["nonce"]
    assert verify(export).problems == [("malformed", 0)]


def test_entries_of_two_forks_in_one_export_are_no_journal():
    """With the signer's key, and a witness for each history: what is taken from both is part of neither."""
    one, other = make_export(6), make_export(6, strangers=2)
    for row in other["entries"][3:]:
        row["entry"] = row["entry"] | {"actor_name": "Dr Personne"}
    mixed = one | {"entries": one["entries"][:3] + other["entries"][3:]}
    assert {kind for kind, _ in verify(mixed).problems} >= {"edited", "not-in-log"}
    relinked = dated(*[AT + MINUTE] * 6)
    mixed = relinked | {"entries": relinked["entries"][:3] + dated(*[AT] * 6)["entries"][3:]}
    assert verify(mixed).problems == [("broken-chain", 4), ("not-in-log", 0)]
    assert [one.kind for one in compare_with_earlier(relinked, one)] == ["forked"] * 6 + ["rolled-back"]


def test_an_entry_moved_to_another_space_with_a_nonce_of_its_own_is_named():
    export, other = make_export(6), make_export(6, name="stranger")
    row = export["entries"][3]
    row["entry"] = other["entries"][3]["entry"] | {"space_id": export["space"]}
    nonce = seed("chosen")
    committed = hmac.digest(nonce, canonical(row["entry"]), "sha256")
    row["nonce"] = text(nonce)
    assert verify(export).problems == [("edited", 4)]
    row["leaf"] = text(base64.b64decode(row["leaf"])[:73] + committed)
    assert {kind for kind, _ in verify(export).problems} == {"broken-chain", "not-in-log"}


def grown(tmp_path, *, count=6, strangers=1):
    """A published log, and the exports of its person with fewer entries than it holds."""
    whole = make_export(count, strangers=strangers)
    write_log(tmp_path, whole)
    return whole, str(tmp_path)


@pytest.mark.parametrize("cut", [1, 2, 6])
def test_the_last_page_cut_off_and_its_counts_edited_is_seen_in_the_log(cut, tmp_path):
    whole, where = grown(tmp_path)
    short = without(whole, *range(7 - cut, 7)) | {"made": "2026-11-20T00:00:00Z"}
    assert verify(short).problems == []
    assert compare_with_log(short, where) == [("truncated", 7 - cut)]
    assert compare_with_earlier(short, whole) == [("truncated", one) for one in range(7 - cut, 7)]


@pytest.mark.parametrize(("index", "size"), [(100, 300), (255, 600), (511, 512), (512, 513)])
def test_an_entry_left_out_is_seen_in_whichever_bundle_it_lies(index, size, tmp_path):
    whole = make_export(2, strangers=index - 1)
    leaves = [base64.b64decode(one) for one in whole["_leaves"]]
    leaves = (leaves + [seed(str(one)).ljust(LEAF_BYTES, b"\0") for one in range(size)])[:size]
    short = sealed(whole["entries"][:1], leaves, space=whole["space"], key=bytes.fromhex(whole["key"]))
    write_log(tmp_path, short)
    assert compare_with_log(short, str(tmp_path)) == [("truncated", 2)]


def test_what_was_sealed_after_the_export_is_not_missing_from_it(tmp_path):
    _, where = grown(tmp_path)
    for count in range(1, 7):
        assert compare_with_log(make_export(count), where) == []
    # the log ends where the export does, and one leaf earlier
    assert compare_with_log(make_export(6) | {"checkpoint": make_export(7)["checkpoint"]}, where) == [
        ("rolled-back", 0)
    ]


@pytest.mark.parametrize("size", [255, 256, 257, 512, 513])
def test_every_bundle_of_the_log_is_read(size, tmp_path):
    whole, where = grown(tmp_path, count=1, strangers=size - 1)
    assert compare_with_log(whole, where) == []
    data = (tmp_path / "tile" / "entries" / f"{(size - 1) // 256:03d}").read_bytes()
    (tmp_path / "tile" / "entries" / f"{(size - 1) // 256:03d}").write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    assert compare_with_log(whole, where) == [("forked", 0)]


def test_the_log_is_read_from_its_address_tile_by_tile(tmp_path):
    whole, _ = grown(tmp_path / "journal", count=1, strangers=299)
    entries = tmp_path / "journal" / "tile" / "entries"
    (entries / "001.p").mkdir()
    (entries / "001").rename(entries / "001.p" / "44")
    handler = functools.partial(Silent, directory=str(tmp_path))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        assert compare_with_log(whole, f"http://127.0.0.1:{server.server_address[1]}/journal/") == []
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Silent(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        """Say nothing."""


@pytest.mark.parametrize(("number", "name"), [(0, "000"), (999, "999"), (1000, "x001/000"), (1234067, "x001/x234/067")])
def test_tiles_are_named_as_the_standard_names_them(number, name):
    assert verify_journal._tile_name(number) == name


def test_an_export_that_has_nothing_sealed_is_older_than_one_leaf():
    one = make_export(1, strangers=0)
    bare = one | {"checkpoint": "", "entries": []}
    assert compare_with_earlier(bare, one) == [("truncated", 1), ("rolled-back", 0)]
    assert compare_with_earlier(one, bare) == compare_with_earlier(bare, bare) == []


def test_problems_are_about_the_whole_unless_they_say_a_number():
    assert Problem("forked") == ("forked", 0)


def test_what_is_said_names_numbers_witnesses_and_what_is_no_fault():
    fine = verify(make_export(2))
    assert (
        told(fine)
        .splitlines()[0]
        .endswith("witnesses saw on w1, 2026-11-21 09:00:04 UTC; w2, 2026-11-21 09:00:04 UTC.")
    )
    assert "newer entries" not in told(fine)
    assert "1 newer entries still wait" in told(verify(waiting_since(AT, export=make_export(2))))
    late = verify(dated(AT, sealed_after=3601))
    assert "Note [sealed-late]: entry 1 was sealed long after its date." in told(late)
    assert "À savoir [sealed-late] : la ligne 1" in told(late, "fr_FR.UTF-8")
    wrong = told(verify(without(make_export(3), 2)))
    assert wrong == "Wrong [deleted]: entry 2 is missing.\n"
    assert told(verify(without(make_export(3), 2)), "fr") == "Faux [deleted] : la ligne 2 manque.\n"


@pytest.fixture
def files(tmp_path):
    """Files of the exports named, by name."""

    def write(**exports):
        for name, export in exports.items():
            (tmp_path / name).write_text(json.dumps(export), encoding="utf-8")
        return tmp_path

    return write


def test_the_program_answers_by_its_status_and_says_whose_keys_it_took(files, capsys):
    whole = make_export(3)
    here = files(
        good=whole, wrong=without(whole, 2), junk={"format": "x"}, bare=whole | {"checkpoint": "", "entries": []}
    )
    (here / "keys").write_text("\n".join(whole["log"]["keys"]) + "\n\n")
    assert main([str(here / "good"), "--language", "en"]) == 0
    said = capsys.readouterr().out
    names = ", ".join("+".join(one.split("+", 2)[:2]) for one in whole["log"]["keys"])
    assert said.splitlines()[0] == f"Keys taken from the file itself; compare them with the published ones: {names}"
    assert "left out" in said
    assert main([str(here / "good"), "--keys", str(here / "keys"), "--language", "en"]) == 0
    assert "Keys taken" not in capsys.readouterr().out
    assert main([str(here / "good"), "--keys", str(here / "keys"), "--quorum", "3"]) == 1
    assert "unwitnessed" in capsys.readouterr().out
    assert main([str(here / "wrong")]) == main([str(here / "junk")]) == main([str(here / "bare")]) == 1
    assert "Keys taken" not in capsys.readouterr().out.partition("malformed")[2].partition("\n")[0]


@pytest.mark.parametrize(
    ("all_", "lang", "says"),
    [
        ("fr_FR.UTF-8", "en_GB", "Vérifié"),
        ("", "fr_FR", "Vérifié"),
        ("en", "fr_FR", "Verified"),
        ("", "", "Verified"),
        (None, None, "Verified"),
    ],
)
def test_it_speaks_the_language_of_whoever_runs_it(all_, lang, says, files, capsys, monkeypatch):
    for name, value in {"LC_ALL": all_, "LANG": lang}.items():
        monkeypatch.delenv(name, raising=False)
        if value is not None:
            monkeypatch.setenv(name, value)
    assert main([str(files(good=make_export(1)) / "good")]) == 0
    assert says in capsys.readouterr().out


def test_the_program_compares_with_what_it_is_given(files, capsys):
    whole = make_export(3)
    here = files(
        good=whole, short=without(whole, 3), bare=whole | {"checkpoint": "", "entries": []}, odd={"entries": 3}
    )
    write_log(here / "log", whole)
    log = ["--log", str(here / "log"), "--language", "en"]
    assert main([str(here / "good"), *log]) == 0
    assert "left out" not in capsys.readouterr().out
    assert main([str(here / "good"), "--earlier", str(here / "short"), "--language", "en"]) == 0
    assert "left out" not in capsys.readouterr().out
    assert main([str(here / "short"), *log]) == 1
    assert "Wrong [truncated]: entry 3" in capsys.readouterr().out
    assert main([str(here / "bare"), *log]) == 1, "nothing to compare: nothing is sealed"
    assert capsys.readouterr().out.endswith("Wrong [unsealed]: nothing of this journal is sealed yet.\n")
    assert main([str(here / "good"), "--earlier", str(here / "odd")]) == 1
    assert "malformed" in capsys.readouterr().out
    with pytest.raises(SystemExit, match="Cannot be read"):
        main([str(here / "good"), "--log", str(here / "nowhere")])
