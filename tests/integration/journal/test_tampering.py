"""Whoever owns the database changes the journal: each way is detected, and named by whoever should name it.

The attacker here is the superuser with triggers switched off. What they cannot reach: the signer's memory, the
witnesses, the monitor's state, the receipts.
"""

import base64
import shutil

import msgspec
import psycopg
import pytest

from carnet.infra import clock
from carnet.infra.db.database import Database
from carnet.journal.actions.seal import DatabaseDiffers
from carnet.journal.log.tiles import TileStore, split_bundle
from carnet.journal.log.view import LogView
from carnet.journal.queries.audit import audit
from carnet.journal.rules.leaves import leaf_hash
from carnet.journal.rules.merkle import consistency_proof, range_hash
from carnet.journal.rules.notes import Checkpoint, Note, sign
from factories.journal_export import Tree
from factories.log import act, rows, running_log
from factories.world import make_person


@pytest.fixture(scope="module")
def attack(house):
    """A statement as the superuser, past every trigger."""

    def run(sql, *params):
        with psycopg.connect(house.url("postgres")) as connection:
            connection.execute("SET session_replication_role = replica")
            return connection.execute(sql, params).rowcount

    return run


@pytest.fixture
async def person(log):
    """Somebody with six sealed entries."""
    someone = await make_person(at=clock.now())
    for number in range(6):
        await act(someone, number=number)
    await log.sequencer.round()
    return someone


@pytest.fixture(scope="module")
async def database(house):
    one = Database(house.url("carnet_sequencer"), min_size=1, max_size=2)
    await one.open()
    yield one
    await one.close()


async def differences(database, log, person):
    """Kinds the audit names in one person's journal."""
    found = [one async for one in audit(database, log=LogView(log.place.public), at=clock.now())]
    return {one.kind for one in found if one.where.startswith(str(person.space))}


AFTER_SEALING = {
    "edited": "UPDATE carnet.journal_entry SET actor_name = 'X' WHERE space_id = %s AND seq = 3",
    "edited (back-dated)": "UPDATE carnet.journal_entry SET at = at - interval '3 days'"
    " WHERE space_id = %s AND seq = 3",
    "deleted": "DELETE FROM carnet.journal_entry WHERE space_id = %s AND seq = 3",
    "deleted (with its leaf)": "DELETE FROM carnet.journal_leaf WHERE space_id = %s AND place = 3",
    "edited (reordered)": "UPDATE carnet.journal_entry SET seq = CASE seq WHEN 3 THEN -4 ELSE -3 END"
    " WHERE space_id = %s AND seq IN (3, 4)",
    "inserted": "INSERT INTO carnet.journal_entry SELECT (jsonb_populate_record(e, '{\"seq\": 99}')).*"
    " FROM carnet.journal_entry e WHERE space_id = %s AND seq = 3",
}


async def test_a_clean_run_rings_nothing_even_long_after(log, person, monkeypatch):
    monitor = log.monitor("clean")
    await act(person)
    await log.sequencer.round()
    assert wait_out(monitor, monkeypatch) == set()


@pytest.mark.parametrize("kind", AFTER_SEALING)
async def test_what_is_sealed_cannot_be_changed_unseen(kind, log, database, person, attack):
    assert await differences(database, log, person) == set()
    assert attack(AFTER_SEALING[kind], person.space)
    attack("UPDATE carnet.journal_entry SET seq = -seq WHERE space_id = %s AND seq < 0", person.space)
    assert kind.partition(" ")[0] in await differences(database, log, person)
    attack("DELETE FROM carnet.journal_entry WHERE space_id = %s", person.space)
    attack("DELETE FROM carnet.journal_leaf WHERE space_id = %s", person.space)


async def test_entries_swapped_between_spaces_are_named(log, database, person, attack):
    other = await make_person(at=clock.now())
    await act(other)
    await act(other)
    await log.sequencer.round()
    swap = (
        "UPDATE carnet.journal_leaf SET leaf_index = (SELECT leaf_index FROM carnet.journal_leaf"
        " WHERE space_id = %s AND place = 2) WHERE space_id = %s AND place = 2"
    )
    attack(swap, other.space, person.space)
    assert "swapped" in await differences(database, log, person)
    attack("DELETE FROM carnet.journal_leaf WHERE space_id = %s", person.space)
    attack("DELETE FROM carnet.journal_entry WHERE space_id = %s", person.space)


async def test_suppressed_before_sealing_is_missed_by_receipt_and_by_number(log, person, attack, monkeypatch):
    monitor = log.monitor("suppressed")
    assert monitor.check()
    await act(person)
    seq = rows_of(attack, "DELETE FROM carnet.journal_pending WHERE space_id = %s", person)
    assert seq == 1
    attack("DELETE FROM carnet.journal_entry WHERE space_id = %s AND seq = (SELECT max(seq) FROM carnet.journal_head"
           " WHERE space_id = %s)", person.space, person.space)  # fmt: skip
    await log.sequencer.round()
    await act(person)
    await log.sequencer.round()
    assert ("suppressed") in {kind for kind, where in log.rung() if where.startswith(str(person.space))}
    assert wait_out(monitor, monkeypatch) == {"suppressed"}


async def test_edited_before_sealing_is_missed_by_its_receipt(log, person, attack, monkeypatch):
    monitor = log.monitor("edited")
    await act(person)
    attack("UPDATE carnet.journal_entry SET actor_id = 'somebody else' WHERE (space_id, seq) IN"
           " (SELECT space_id, seq FROM carnet.journal_pending)")  # fmt: skip
    await log.sequencer.round()
    assert wait_out(monitor, monkeypatch) == {"suppressed"}


async def test_the_same_entry_sealed_twice_is_named(log, person, attack):
    attack("INSERT INTO carnet.journal_pending VALUES (%s, 2)", person.space)
    size = log.sequencer.store.size
    await log.sequencer.round()
    assert ("replayed", f"{person.space}:2") in log.rung()
    assert log.sequencer.store.size == size


async def test_dated_back_through_the_front_door_is_named(house, log, person, attack):
    entry = {"space_id": str(person.space), "at": "2026-01-01T00:00:00Z", "act": "read-document", "outcome": "done",
             "actor_kind": "professional", "actor_id": "1", "actor_name": "X"}  # fmt: skip
    rows(house, "SELECT carnet.journal_append(%s::jsonb)", msgspec.json.encode([entry]).decode())
    await log.sequencer.round()
    assert "back-dated" in {kind for kind, where in log.rung() if where.startswith(str(person.space))}


async def test_an_entry_moved_to_another_space_before_it_is_sealed_is_missed(log, person, attack, monkeypatch):
    """With a nonce of its own and at the end of the other's journal: whole there, and gone where it belongs."""
    other, monitor = await make_person(at=clock.now()), log.monitor("moved")
    await log.sequencer.round()
    await act(person)
    attack("DELETE FROM carnet.journal_pending WHERE space_id = %s", person.space)
    assert attack("UPDATE carnet.journal_entry e SET space_id = h.space_id, seq = h.seq + 1, nonce = carnet.chance()"
                  " FROM carnet.journal_head h, carnet.journal_head old WHERE h.space_id = %s AND old.space_id = %s"
                  " AND e.space_id = old.space_id AND e.seq = old.seq", other.space, person.space)  # fmt: skip
    attack("UPDATE carnet.journal_head SET seq = seq + 1 WHERE space_id = %s", other.space)
    attack("INSERT INTO carnet.journal_pending SELECT space_id, seq FROM carnet.journal_head WHERE space_id = %s",
           other.space)  # fmt: skip
    await log.sequencer.round()
    await act(person)
    await log.sequencer.round()
    assert "suppressed" in {kind for kind, where in log.rung() if where.startswith(str(person.space))}
    assert wait_out(monitor, monkeypatch) == {"suppressed"}


MOVED = {
    "with its place in the log": "UPDATE carnet.journal_leaf SET space_id = %(to)s, place = 90 WHERE space_id = %(of)s"
    " AND seq = 3",
    "whole": "UPDATE carnet.journal_leaf SET space_id = %(to)s, place = 90, seq = 90 WHERE space_id = %(of)s"
    " AND seq = 3",
}


@pytest.mark.parametrize("how", MOVED)
async def test_what_is_sealed_and_moved_to_another_space_is_named_in_both(how, house, log, database, person):
    other = await make_person(at=clock.now())
    await log.sequencer.round()
    both = {"to": other.space, "of": person.space}
    with psycopg.connect(house.url("postgres")) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(MOVED[how], both)
        connection.execute("UPDATE carnet.journal_entry SET space_id = %(to)s, seq = 90, nonce = carnet.chance()"
                           " WHERE space_id = %(of)s AND seq = 3", both)  # fmt: skip
    assert "deleted" in await differences(database, log, person)
    assert {"deleted", "swapped"} <= await differences(database, log, other)
    with psycopg.connect(house.url("postgres")) as connection:
        connection.execute("SET session_replication_role = replica")
        for table in ("journal_leaf", "journal_entry"):
            connection.execute(f"DELETE FROM carnet.{table} WHERE space_id IN (%(to)s, %(of)s)", both)


async def test_a_space_given_another_secret_is_named(log, database, person, attack):
    attack("UPDATE carnet.journal_head SET secret = carnet.chance() WHERE space_id = %s", person.space)
    assert "swapped" in await differences(database, log, person)
    attack("DELETE FROM carnet.journal_entry WHERE space_id = %s", person.space)
    attack("DELETE FROM carnet.journal_leaf WHERE space_id = %s", person.space)


@pytest.fixture
async def other_log(house, log, tmp_path):
    """A log of its own on the same database, to be broken."""
    async with running_log(house.url, home=tmp_path, origin=f"{tmp_path.name}.example/journal") as one:
        person = await make_person(at=clock.now())
        for number in range(5):
            await act(person, number=number)
            await one.sequencer.round()
        yield one
    seat_again(log)


def seat_again(log):
    from carnet.journal.log.view import seat_log
    from carnet.journal.receipts import ReceiptBook, seat_receipts

    seat_log(log.place.public, quorum=log.place.quorum)
    seat_receipts(ReceiptBook(log.home / "receipts"))


async def test_a_database_restored_from_an_older_backup_is_refused_by_the_sequencer(other_log, attack):
    attack("UPDATE carnet.journal_log SET size = size - 2 WHERE origin = %s", other_log.place.origin)
    size = other_log.sequencer.store.size
    with pytest.raises(DatabaseDiffers, match="database was rolled back") as told:
        await other_log.sequencer.round()
    assert (told.value.database, told.value.log) == (size - 2, size)
    attack("UPDATE carnet.journal_log SET size = size + 3 WHERE origin = %s", other_log.place.origin)
    with pytest.raises(DatabaseDiffers, match="folder was rolled back") as told:
        await other_log.sequencer.round()
    assert (told.value.database, told.value.log) == (size + 1, size)


async def test_database_and_log_restored_together_are_refused_by_signer_witness_and_monitor(other_log):
    """The whole machine goes back to an old backup; only the signer, the witnesses and the monitor remember."""
    monitor = other_log.monitor("rolled", receipts=False)
    assert monitor.check()
    public = other_log.place.public
    size = other_log.sequencer.store.size
    older = Checkpoint(other_log.place.origin, size - 2, other_log.sequencer.store.root(size - 2))
    asked = {"do": "sign", "size": older.size, "root": base64.b64encode(older.root).decode(), "proof": []}
    assert other_log.signer.answer(msgspec.json.encode(asked))["refused"] == "smaller"
    note = Note(older.text, (sign(older.text, key=other_log.signer._key, name=older.origin),))  # the key is stolen
    assert other_log.witnesses[0].add_checkpoint(f"old {older.size}\n\n{note}".encode()).status == 409
    (public / "checkpoint").write_text(str(note), encoding="utf-8")
    assert not monitor.check()
    assert {one.kind for one in monitor.alarms.raised} == {"unwitnessed"}
    monitor._trusted = msgspec.structs.replace(monitor._trusted, quorum=0)  # even were the witnesses corrupt
    assert not monitor.check()
    assert "rolled-back" in {one.kind for one in monitor.alarms.raised}
    monitor.close()


async def test_a_forked_history_is_refused_by_signer_witness_and_monitor(other_log, tmp_path):
    monitor = other_log.monitor("forked", receipts=False)
    assert monitor.check()
    fork = tmp_path / "fork"
    shutil.copytree(other_log.place.public, fork)
    store = TileStore(fork)
    bundles = [split_bundle(store.read("entries", number)) for number in range(store.size // 256 + 1)]
    leaves = [one for bundle in bundles for one in bundle][: store.size]
    shutil.rmtree(fork / "tile")
    (fork / "size").unlink()
    leaves[1] = bytes(reversed(leaves[1]))
    other = TileStore(fork)
    other.append([*leaves, leaves[0]])
    forked = Checkpoint(other_log.place.origin, other.size, other.root(other.size))
    proof = [base64.b64encode(one).decode() for one in consistency_proof(store.size - 1, other.size, other.hash_of)]
    asked = {"do": "sign", "size": forked.size, "root": base64.b64encode(forked.root).decode(), "proof": proof}
    assert other_log.signer.answer(msgspec.json.encode(asked))["refused"] == "forked"
    note = Note(forked.text, (sign(forked.text, key=other_log.signer._key, name=forked.origin),))  # the key is stolen
    lines = "".join(f"{one}\n" for one in proof)
    assert other_log.witnesses[0].add_checkpoint(f"old {other.size - 1}\n{lines}\n{note}".encode()).status == 422
    (other_log.place.public / "checkpoint").write_text(str(note), encoding="utf-8")
    shutil.rmtree(other_log.place.public / "tile")
    shutil.copytree(fork / "tile", other_log.place.public / "tile")
    (other_log.place.public / "size").write_text(str(other.size))
    monitor._trusted = msgspec.structs.replace(monitor._trusted, quorum=0)
    assert not monitor.check()
    assert "forked" in {one.kind for one in monitor.alarms.raised}
    monitor.close()


async def test_what_a_thief_of_the_signers_key_has_witnessed_is_named_by_the_sequencer(other_log):
    """Growth by a forged leaf is growth to a witness; what the house goes on with is then another history."""
    store = other_log.sequencer.store
    size, leaves = store.size, split_bundle(store.read("entries", 0))
    with_forged = Tree([leaf_hash(one) for one in [*leaves, bytes(105)]])
    forged = Checkpoint(other_log.place.origin, size + 1, range_hash(0, size + 1, with_forged.hash_of))
    note = Note(forged.text, (sign(forged.text, key=other_log.signer._key, name=forged.origin),))
    proof = consistency_proof(size, size + 1, with_forged.hash_of)
    lines = "".join(f"{base64.b64encode(one).decode()}\n" for one in proof)
    assert other_log.witnesses[0].add_checkpoint(f"old {size}\n{lines}\n{note}".encode()).status == 200
    assert not await other_log.sequencer.publish()
    assert other_log.rung() == [("rolled-back", "witness:witness1.example")]
    person = await make_person(at=clock.now())
    await act(person)
    await other_log.sequencer.round()
    assert ("forked", "witness:witness1.example") in other_log.rung()


async def test_signed_by_another_key_is_named(other_log, tmp_path):
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    monitor = other_log.monitor("signed", receipts=False)
    text = Note.parse(other_log.sequencer.store.checkpoint()).text
    thief = sign(text, key=Ed25519PrivateKey.generate(), name=other_log.place.origin)
    (other_log.place.public / "checkpoint").write_text(str(Note(text, (thief,))), encoding="utf-8")
    assert not monitor.check()
    assert {one.kind for one in monitor.alarms.raised} == {"re-signed"}
    monitor.close()


async def test_a_signer_that_lost_its_memory_does_not_start(other_log):
    from carnet.journal.log.memory import MemoryLostError
    from carnet.journal.log.signer import Signer

    for path in (other_log.home / "signer" / "memory").iterdir():
        path.unlink()
    with pytest.raises(MemoryLostError):
        Signer.of(other_log.home / "signer", other_log.place.origin)


def rows_of(attack, sql, person):
    return attack(sql, person.space)


def wait_out(monitor, monkeypatch):
    """What the monitor says once more than its ten seconds have passed."""
    monitor.check()
    assert not monitor.alarms.raised
    real = monitor._now()
    monkeypatch.setattr(monitor, "_now", lambda: real + 11_000)
    monitor.check()
    kinds = {one.kind for one in monitor.alarms.raised}
    monitor.close()
    return kinds
