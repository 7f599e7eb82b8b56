"""The monitor alone, on a folder: every kind it names, at the very second it begins to, and silence otherwise."""

import datetime as dt
import shutil
import stat

import pytest

from carnet.infra import clock
from carnet.journal.log.alarms import Alarms
from carnet.journal.log.monitor import Monitor, Trusted
from carnet.journal.log.reading import FolderLog
from carnet.journal.log.tiles import TileStore
from carnet.journal.receipts import HOUR
from carnet.journal.rules.leaves import LEAF_BYTES
from carnet.journal.rules.merkle import EMPTY_ROOT
from carnet.journal.rules.notes import LOG, WITNESS, Checkpoint, Note, cosign, public_key, sign
from factories.journal_export import key_of, seed

ORIGIN = "tests.carnet.example/journal"
AT = dt.datetime(2026, 11, 21, 9, 30, tzinfo=dt.UTC)
NOW = int(AT.timestamp())
TRUSTED = Trusted(
    log=public_key(key_of("log"), name=ORIGIN, kind=LOG),
    witnesses=tuple(public_key(key_of(one), name=one, kind=WITNESS) for one in ("w1", "w2")),
    quorum=2,
)


def leaf_of(text):
    return seed(text).ljust(LEAF_BYTES - 32, b"\0") + seed(f"committed {text}")


LEAVES = [leaf_of(str(one)) for one in range(600)]


def checkpoint_of(size, root, *, origin=ORIGIN, signer="log", seen=(NOW, NOW), named=ORIGIN):
    text = Checkpoint(origin, size, root).text
    witnesses = (
        cosign(text, key=key_of(f"w{place}"), name=f"w{place}", seconds=at) for place, at in enumerate(seen, 1)
    )
    return str(Note(text, (sign(text, key=key_of(signer), name=named), *witnesses)))


class Followed:
    """A log in a folder, and a monitor of it whose clock stands still until it is moved."""

    def __init__(self, home, now):
        self.home, self.now = home, now
        self.store = TileStore(home / "log")
        (home / "log").mkdir()
        (home / "receipts").mkdir()
        self.alarms = Alarms(None, by="monitor")
        self.monitor = self.begun()

    def begun(self, *, trusted=TRUSTED, receipts=True):
        return Monitor(
            source=FolderLog(self.home / "log"),
            trusted=trusted,
            state=self.home / "deep" / "state",
            alarms=self.alarms,
            receipts=self.home / "receipts" if receipts else None,
        )

    def begin_again(self, **other):
        self.monitor.close()
        self.monitor = self.begun(**other)

    def grow(self, *leaves, **other):
        size = self.store.append(leaves)
        self.publish(size, self.store.root(size), **other)

    def publish(self, size, root, **other):
        self.store.publish(checkpoint_of(size, root, **other))

    def look(self):
        """Kinds and places rung by one look."""
        before = len(self.alarms.raised)
        calm = self.monitor.check()
        rung = [(one.kind, one.where) for one in self.alarms.raised[before:]]
        assert not (calm and rung)
        return calm, rung

    def note(self, *leaves, book="7-0", at=None):
        at = round(clock.now().timestamp() * 1000) if at is None else at
        with (self.home / "receipts" / book).open("ab") as file:
            file.write(b"".join(at.to_bytes(8, "big") + one[-32:] for one in leaves))

    def later(self, seconds):
        self.now.advance(dt.timedelta(seconds=seconds))


@pytest.fixture
def log(tmp_path):
    with clock.frozen(AT) as now:
        followed = Followed(tmp_path, now)
        yield followed
        followed.monitor.close()


def test_a_log_that_only_grows_is_followed_across_restarts(log):
    assert log.monitor.size == 0
    for before, size in ((0, 0), (0, 1), (1, 5), (5, 256), (256, 257), (257, 600), (600, 600)):
        log.grow(*LEAVES[before:size])
        assert log.look() == (True, []), size
        assert log.monitor.size == size
        log.begin_again()
    assert stat.S_IMODE((log.home / "deep" / "state").stat().st_mode) == 0o700


def test_an_empty_log_has_the_root_of_nothing(log):
    log.publish(0, seed("x"))
    assert log.look() == (True, []), "nothing is said of an empty log, whatever its root is called"
    log.publish(0, EMPTY_ROOT)
    assert log.look() == (True, [])


BELIEVED = {
    "another key": ({"signer": "thief"}, [("re-signed", "size 5")]),
    "another log, signed by ours": ({"origin": "old.example/journal"}, [("re-signed", "size 5")]),
    "under another name": ({"named": "old.example/journal"}, [("re-signed", "size 5")]),
    "one witness": ({"seen": (NOW,)}, [("unwitnessed", "size 5")]),
    "no witness": ({"seen": ()}, [("unwitnessed", "size 5")]),
}


@pytest.mark.parametrize("case", BELIEVED)
def test_whom_nobody_trusts_is_not_followed(case, log):
    other, rung = BELIEVED[case]
    log.grow(*LEAVES[:5], **other)
    assert log.look() == (False, rung)
    assert log.monitor.size == 0


def test_what_is_no_note_is_said(log):
    log.store.publish("hello")
    assert log.look() == (False, [("bad-checkpoint", ORIGIN)])


def test_a_log_nobody_saw_for_minutes_is_stalled_and_followed_all_the_same(log):
    log.grow(*LEAVES[:5], seen=(NOW - 200, NOW - 900))
    assert log.look() == (True, [])
    log.later(1)
    assert log.look() == (False, [("stalled", "size 5")])
    log.grow(*LEAVES[5:7], seen=(NOW - 900, NOW - 900))
    assert log.look() == (False, [("stalled", "size 7")])
    assert log.monitor.size == 7


def test_a_witness_of_the_future_is_said_and_hides_no_standstill(log):
    """One clock that runs ahead, or one witness bought: its time would speak for the log for ever."""
    log.grow(*LEAVES[:5], seen=(NOW + 5, NOW))
    assert log.look() == (True, []), "a clock may be a little ahead"
    log.grow(*LEAVES[5:6], seen=(NOW + 6, NOW))
    assert log.look() == (False, [("clock", "w1")])
    log.grow(*LEAVES[6:7], seen=(NOW + 10**6, NOW - 201))
    assert log.look() == (False, [("stalled", "size 7")])
    log.grow(*LEAVES[7:8], seen=(NOW + 10**6, NOW + 10**6))
    assert log.look() == (False, [("clock", "w2"), ("stalled", "size 8")])


def test_of_two_witnesses_one_may_be_enough(log):
    log.begin_again(trusted=Trusted(log=TRUSTED.log, witnesses=TRUSTED.witnesses, quorum=1))
    log.grow(*LEAVES[:5], seen=(NOW - 200,))
    assert log.look() == (True, [])


def test_without_witnesses_nothing_stalls(log):
    log.begin_again(trusted=Trusted(log=TRUSTED.log))
    log.grow(*LEAVES[:5], seen=())
    assert log.look() == (True, [])
    assert Trusted(log=TRUSTED.log).quorum == 0


def test_a_tree_that_shrinks_or_changes_is_named_and_what_was_followed_stays(log):
    log.grow(*LEAVES[:7])
    log.look()
    log.publish(5, log.store.root(5))
    assert log.look() == (False, [("rolled-back", "size 5, was 7")])
    log.publish(7, seed("another root"))
    assert log.look() == (False, [("forked", "size 7")])
    log.store.append(LEAVES[7:9])
    log.publish(9, seed("another root"))
    assert log.look() == (False, [("forked", "size 9")])
    assert log.monitor.size == 7
    log.publish(9, log.store.root(9))
    assert log.look() == (True, []), "the leaves of a fork are not taken for leaves used twice"
    assert log.monitor.size == 9


def test_a_witness_that_cosigns_two_histories_is_not_enough_for_the_second(log):
    """With the signer's key and one witness bought; even with both, whoever followed the first names the second."""
    log.grow(*LEAVES[:7])
    log.look()
    shutil.rmtree(log.home / "log" / "tile")
    (log.home / "log" / "size").unlink()
    log.grow(*LEAVES[:3], *LEAVES[100:106], seen=(NOW,))
    assert log.look() == (False, [("unwitnessed", "size 9")])
    log.publish(9, log.store.root(9), seen=(NOW, NOW))
    assert log.look() == (False, [("forked", "size 9")])


def test_a_checkpoint_of_the_future_is_believed_of_nobody(log):
    """Larger than the leaves there are: nothing is followed, and after minutes it is said."""
    log.grow(*LEAVES[:5])
    log.look()
    log.publish(9, seed("to come"), seen=(NOW, NOW))
    assert log.look() == (False, [])
    assert log.monitor.size == 5
    log.later(200)
    assert log.look() == (False, [])
    log.later(1)
    assert ("unreadable", ORIGIN) in log.look()[1]
    assert log.monitor.size == 5


def test_what_cannot_be_read_is_said_after_minutes_without_a_break(log):
    assert log.look() == (False, [])
    log.later(150)
    log.grow(*LEAVES[:5], seen=(NOW + 150, NOW + 150))
    assert log.look() == (True, [])
    (log.home / "log" / "checkpoint").unlink()
    for seconds, rung in ((0, []), (200, []), (0.001, [("unreadable", ORIGIN)])):
        log.later(seconds)
        assert log.look() == (False, rung)


def test_a_place_used_twice_is_named_by_its_number(log):
    log.grow(*LEAVES[:3], LEAVES[1], LEAVES[4])
    assert log.look() == (False, [("replayed", "leaf 3")])
    log.grow(LEAVES[4][:41] + LEAVES[5][41:])
    assert log.look() == (False, [("replayed", "leaf 5")])


def test_what_was_committed_is_awaited_for_ten_seconds(log):
    log.grow(*LEAVES[:3])
    log.note(*LEAVES[1:6])
    assert log.look() == (True, [])
    log.grow(*LEAVES[3:5], seen=(NOW, NOW))
    log.later(10)
    assert log.look() == (True, [])
    log.now.advance(dt.timedelta(milliseconds=1))
    assert log.look() == (False, [("suppressed", f"commitment {LEAVES[5][-32:].hex()}")])
    log.note(LEAVES[6])
    log.later(11)
    assert log.look() == (False, [("suppressed", f"commitment {LEAVES[6][-32:].hex()}")])


def test_a_monitor_that_begins_late_waits_as_long_from_its_own_start(log):
    log.note(LEAVES[0], at=(NOW - 3600) * 1000)
    log.grow(LEAVES[1])
    for seconds, calm in ((0, True), (9, True), (1, False)):
        log.later(seconds)
        assert log.look()[0] is calm, seconds
    assert [one.kind for one in log.alarms.raised] == ["suppressed"]


def test_whoever_is_not_on_our_machine_reads_no_receipts(log):
    log.begin_again(receipts=False)
    log.grow(LEAVES[1])
    log.note(LEAVES[0])
    log.later(60)
    assert log.look() == (True, [])


def test_half_a_receipt_is_read_when_it_is_whole_and_old_books_are_put_away(log):
    """The hour that ends and the one before stay: a process may still write to them."""
    hour = NOW * 1000 // HOUR
    log.grow(*LEAVES[:3])
    for book in (f"7-{hour}", f"8-{hour - 1}", f"9-{hour - 2}"):
        log.note(LEAVES[0], book=book)
    half = (NOW * 1000).to_bytes(8, "big") + LEAVES[5][-32:]
    path = log.home / "receipts" / f"7-{hour}"
    for part in (half[:30], half[30:]):
        with path.open("ab") as file:
            file.write(part)
        assert log.look() == (True, [])
    assert sorted(one.name for one in path.parent.iterdir()) == [f"7-{hour}", f"8-{hour - 1}"]
    log.note(LEAVES[6], book=f"9-{hour - 2}")  # a name that comes back is read from its beginning
    log.look()
    log.later(11)
    assert sorted(log.look()[1]) == sorted(
        ("suppressed", f"commitment {one[-32:].hex()}") for one in (LEAVES[5], LEAVES[6])
    )
