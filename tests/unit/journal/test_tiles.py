"""The log's folder: what was asked for while it grew, what a crash may take, who may read it."""

import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carnet.journal.log import tiles
from carnet.journal.log.tiles import TileStore, read_tile, split_bundle
from carnet.journal.rules.leaves import LEAF_BYTES, leaf_hash
from carnet.journal.rules.merkle import batch_proof
from carnet.journal.verify_journal import rebuilt_root
from factories.faulty_disk import FaultyDisk
from factories.journal_export import Tree, seed

LEAVES = [seed(str(one)).ljust(LEAF_BYTES, b"\0") for one in range(1100)]
HASHES = [leaf_hash(one) for one in LEAVES]


class Counting(TileStore):
    """Remembers which tiles it read from the disk."""

    def __init__(self, folder):
        super().__init__(folder)
        self.taken = []

    def read(self, level, number):
        self.taken.append((level, number))
        return super().read(level, number)


def test_every_subtree_is_right_whenever_it_is_asked_while_the_log_grows(tmp_path):
    """What was kept of a tile that went on growing would be another tree."""
    store, sizes = TileStore(tmp_path), (1, 3, 255, 256, 257, 511, 512, 700, 1100)
    for before, size in zip((0, *sizes), sizes, strict=False):
        assert store.append(LEAVES[before:size]) == size
        known = Tree(HASHES[:size])
        for level, row in enumerate(known.rows):
            for index in {0, len(row) // 2, len(row) - 1}:
                assert store.hash_of(level, index) == row[index], (size, level, index)
        for index in {0, size // 2, size - 1}:
            path = batch_proof([index], size, store.hash_of)
            assert rebuilt_root({index: HASHES[index]}, size, path) == store.root(size)


def test_what_is_not_there_yet_has_no_hash(tmp_path):
    store = TileStore(tmp_path)
    store.append(LEAVES[:300])
    for level, index in ((0, 300), (5, 9), (8, 1), (9, 0)):
        with pytest.raises(FileNotFoundError):
            store.hash_of(level, index)


def test_a_tile_that_is_full_is_read_once_and_one_that_grows_each_time(tmp_path):
    TileStore(tmp_path).append(LEAVES[:512])
    store = Counting(tmp_path)
    assert len({store.hash_of(4, one) for one in range(32)}) == 32
    assert store.taken == [(0, 0), (0, 1)]
    store.taken.clear()
    store.append(LEAVES[512:600])
    assert [store.hash_of(3, 64), store.hash_of(3, 64), store.hash_of(8, 0)] == [
        *[Tree(HASHES[:600]).hash_of(3, 64)] * 2,
        Tree(HASHES[:600]).hash_of(8, 0),
    ]
    assert store.taken == [(0, 2), (0, 2), (1, 0)]


class Recording(FaultyDisk):
    """Remembers which folders' names were made durable."""

    def __init__(self):
        super().__init__()
        self.folders = set()

    def fsync_folder(self, folder):
        self.folders.add(folder)
        super().fsync_folder(folder)


@pytest.mark.parametrize("size", [0, 256_000_000, 256_000_000_000])
def test_every_name_that_is_new_is_durable_when_append_returns(tmp_path, monkeypatch, size):
    """A tile's bytes on the disk under a name that a power cut takes are lost; folders are born with the tile."""
    disk = Recording()
    monkeypatch.setattr(tiles, "Disk", lambda: disk)
    folder = tmp_path / "log"
    folder.mkdir()
    (folder / "size").write_text(str(size))
    TileStore(folder).append(LEAVES[:1])
    born = {one for one in folder.rglob("*") if one.name != "size"}
    assert len(born) > 4
    assert {one.parent for one in born} <= disk.folders


def test_bytes_are_durable_before_the_size_says_they_are_there(tmp_path, monkeypatch):
    disk = FaultyDisk()
    monkeypatch.setattr(tiles, "Disk", lambda: disk)
    TileStore(tmp_path).append(LEAVES[:1])
    leaves, hashes, size = (["write", "fsync", "close"], ["write", "fsync", "close"], ["create", "write", "fsync"])
    done = [one for one in disk.calls if one != "fsync_folder"]
    assert done == [*leaves, *hashes, *size, "close", "rename"]
    assert disk.calls[-1] == "fsync_folder"


def test_everything_published_may_be_read_and_nothing_run_or_written(tmp_path):
    store = TileStore(tmp_path)
    store.append(LEAVES[:300])
    store.publish("a checkpoint\n")
    published = [one for one in tmp_path.rglob("*") if one.is_file()]
    assert {stat.S_IMODE(one.stat().st_mode) for one in published} == {0o644}
    assert len(published) == 2 + 2 * 2 + 1
    assert store.checkpoint() == "a checkpoint\n"


@given(st.lists(st.binary(max_size=300), max_size=6), st.integers(0, 8))
def test_a_bundle_gives_back_its_entries_whatever_their_length_and_nothing_of_one_cut_off(entries, cut):
    written = [len(one).to_bytes(2, "big") + one for one in entries]
    assert split_bundle(b"".join(written)) == entries
    if entries and 0 < cut <= len(written[-1]):
        assert split_bundle(b"".join(written)[:-cut]) == entries[:-1]


def test_a_tile_is_given_as_far_as_it_is_whole_and_no_farther(tmp_path):
    TileStore(tmp_path).append(LEAVES[:600])
    widths = {("0", 0): 256, ("0", 1): 256, ("0", 2): 88, ("0", 3): 0, ("1", 0): 2, ("2", 0): 0, ("entries", 2): 88}
    for (level, number), width in widths.items():
        given_ = [one for one in range(-1, 258) if read_tile(tmp_path, level, number, one) is not None]
        assert given_ == list(range(1, width + 1)), (level, number)
    assert read_tile(tmp_path, "0", 2, 88) == b"".join(HASHES[512:600])
    assert read_tile(tmp_path, "1", 0, 2) == b"".join(Tree(HASHES[:600]).rows[8])
    assert split_bundle(read_tile(tmp_path, "entries", 2, 87)) == LEAVES[512:599]


def test_a_tile_shorter_than_the_size_says_is_not_given_at_all(tmp_path):
    TileStore(tmp_path).append(LEAVES[:20])
    path = tmp_path / "tile" / "0" / "000"
    path.write_bytes(path.read_bytes()[:-1])
    assert read_tile(tmp_path, "0", 0, 20) is None
    assert read_tile(tmp_path, "0", 0, 19) == b"".join(HASHES[:19])
    assert TileStore(tmp_path).hash_of(0, 18) == HASHES[18]
    with pytest.raises(FileNotFoundError):
        TileStore(tmp_path).hash_of(0, 19)


def test_what_an_interrupted_write_left_is_given_out_of_no_tile(tmp_path):
    """The tiles were written, the size was not: it may be written otherwise yet."""
    TileStore(tmp_path).append(LEAVES[:600])
    (tmp_path / "size").write_text("500")
    for level, number, width in (("0", 1, 244), ("entries", 1, 244), ("1", 0, 1), ("0", 2, 0), ("entries", 2, 0)):
        assert width == 0 or read_tile(tmp_path, level, number, width) is not None
        assert read_tile(tmp_path, level, number, width + 1) is None
