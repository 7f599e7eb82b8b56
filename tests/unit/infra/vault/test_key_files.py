"""A key file is whole or absent, private, and never replaced by accident."""

import os
import stat
import threading

import pytest

from carnet.infra.vault import FileKek, IndexKey, KeyFileUnusable, Unopenable, rewrap_index_key
from carnet.infra.vault.key_file import create_key_file, read_key_file, replace_key_file
from factories.faulty_disk import FaultyDisk

INS = {"matricule": "255069900000193", "oid": "1.2.250.1.213.1.4.10"}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "secrets" / "kek.json"


def test_the_first_use_makes_a_private_durable_file(path):
    disk = FaultyDisk()
    first = FileKek.open_or_create(path, disk=disk)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert disk.calls == ["create", "write", "fsync", "close", "link", "fsync_folder"]
    assert FileKek(path).unwrap(first.wrap(b"s", context=b"c"), context=b"c") == b"s"
    assert [file.name for file in path.parent.iterdir()] == ["kek.json"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o622, 0o644, 0o610])
def test_a_file_others_may_touch_is_refused(path, mode):
    FileKek.open_or_create(path)
    path.chmod(mode)
    with pytest.raises(KeyFileUnusable) as refusal:
        FileKek(path)
    assert refusal.value.problems[0].code == "key-file-exposed"


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_private_file_is_accepted(path, mode):
    FileKek.open_or_create(path)
    path.chmod(mode)
    assert FileKek(path).key_id.startswith("file:")


@pytest.mark.parametrize("whose", ["this user's", "root's", "another's", "the first user's"])
def test_a_file_of_anybody_but_this_user_and_root_is_refused(path, monkeypatch, whose):
    """Whoever owns a file may change it, and who may read it, whenever they like."""
    create_key_file(path, b"secret", disk=FaultyDisk())
    facts = path.stat()
    owner = {"this user's": os.geteuid(), "root's": 0, "another's": os.geteuid() + 4711, "the first user's": 1}[whose]
    monkeypatch.setattr(os, "fstat", lambda _: os.stat_result((*facts[:4], owner, *facts[5:])))
    if owner in {0, os.geteuid()}:
        assert read_key_file(path) == b"secret"
        return
    with pytest.raises(KeyFileUnusable) as refusal:
        read_key_file(path)
    assert refusal.value.problems[0].code == "key-file-exposed"


def test_a_key_file_may_be_the_first_thing_of_its_house(tmp_path):
    path = tmp_path / "house" / "secrets" / "deep" / "key"
    create_key_file(path, b"secret", disk=FaultyDisk())
    assert read_key_file(path) == b"secret"


def test_a_missing_file_is_refused_unless_asked_to_make_one(path):
    with pytest.raises(KeyFileUnusable):
        FileKek(path)


@pytest.mark.parametrize("content", [b"", b"{}", b"not json", b"\xff\xfe", b'{"primaryKeyId": 1, "key": []}'])
def test_a_damaged_file_is_refused_with_a_reason(path, content):
    create_key_file(path, content, disk=FaultyDisk())
    with pytest.raises(KeyFileUnusable) as refusal:
        FileKek(path)
    assert refusal.value.problems[0].code == "key-file-damaged"


def test_processes_that_start_together_agree_on_one_key(path):
    keks, barrier = [], threading.Barrier(8)

    def start():
        barrier.wait()
        keks.append(FileKek.open_or_create(path))

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({kek.key_id for kek in keks}) == 1


@pytest.mark.parametrize("call", ["create", "write", "fsync", "link", "fsync_folder"])
def test_a_failing_disk_leaves_no_partial_key_file(path, call):
    with pytest.raises(OSError):
        create_key_file(path, b"secret", disk=FaultyDisk(call))
    if path.exists():
        assert call == "fsync_folder"
        assert read_key_file(path) == b"secret"
    assert not [file for file in path.parent.iterdir() if file != path]


@pytest.mark.parametrize("call", ["create", "write", "fsync", "rename"])
def test_a_failed_replacement_keeps_the_old_keys(path, call):
    kek = FileKek.open_or_create(path)
    wrapped = kek.wrap(b"s", context=b"c")
    broken = FileKek(path, disk=FaultyDisk(call))
    with pytest.raises(OSError):
        broken.add_key()
    assert FileKek(path).unwrap(wrapped, context=b"c") == b"s"


def test_short_writes_are_completed(path):
    create_key_file(path, b"s" * 1000, disk=FaultyDisk(short_writes=True))
    assert read_key_file(path) == b"s" * 1000


class TestSeveralKeyVersions:
    def test_a_key_added_wraps_only_once_promoted(self, path):
        kek = FileKek.open_or_create(path)
        before = kek.key_id
        added = kek.add_key()
        assert kek.key_id == before
        kek.promote(added)
        assert kek.key_id == f"file:{added:08x}"

    def test_a_running_process_follows_a_rotation_made_by_another(self, path):
        running, operator = FileKek.open_or_create(path), FileKek(path)
        operator.promote(operator.add_key())
        assert running.unwrap(operator.wrap(b"s", context=b"c"), context=b"c") == b"s"
        assert operator.is_current(running.wrap(b"s", context=b"c"))

    def test_a_running_process_survives_the_loss_of_the_file(self, path):
        running = FileKek.open_or_create(path)
        path.unlink()
        assert running.unwrap(running.wrap(b"s", context=b"c"), context=b"c") == b"s"

    def test_a_retired_key_opens_nothing_any_more(self, path):
        kek = FileKek.open_or_create(path)
        old = int(kek.key_id.removeprefix("file:"), 16)
        wrapped = kek.wrap(b"s", context=b"c")
        kek.promote(kek.add_key())
        kek.retire(old)
        with pytest.raises(Unopenable):
            kek.unwrap(wrapped, context=b"c")

    def test_the_key_that_wraps_cannot_be_retired(self, path):
        kek = FileKek.open_or_create(path)
        with pytest.raises(ValueError):
            kek.retire(int(kek.key_id.removeprefix("file:"), 16))


class TestIndexKey:
    def test_a_digest_computed_long_ago_is_still_the_same(self):
        keyset = (
            "08d285d8cc0412690a5d0a31747970652e676f6f676c65617069732e636f6d2f676f6f676c652e63727970746f2e74696e6b"
            "2e486d61635072664b65791226120208031a20000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e"
            "1f1801100118d285d8cc042003"
        )
        key = IndexKey(bytes.fromhex(keyset))
        assert key.ins_digest(**INS).hex() == "a09918d4dfa69185f73a313ebf31d77df14ec449dc9db58d54e3e63c013a4c6e"
        assert key.fingerprint() == "f1f1e3e096b939b5"

    def test_digests_survive_a_restart_and_a_rotation_of_the_kek(self, path):
        kek, index = FileKek.open_or_create(path), path.with_name("index.key")
        before = IndexKey.load_or_create(index, kek=kek)
        old = int(kek.key_id.removeprefix("file:"), 16)
        assert not rewrap_index_key(index, kek=kek)
        kek.promote(kek.add_key())
        assert rewrap_index_key(index, kek=kek)
        kek.retire(old)
        after = IndexKey.load(index, kek=FileKek(path))
        assert after.ins_digest(**INS) == before.ins_digest(**INS)
        assert after.fingerprint() == before.fingerprint()

    def test_another_key_gives_other_digests_and_another_fingerprint(self, path):
        kek = FileKek.open_or_create(path)
        one, other = (IndexKey.load_or_create(path.with_name(name), kek=kek) for name in ("a", "b"))
        assert one.ins_digest(**INS) != other.ins_digest(**INS)
        assert one.fingerprint() != other.fingerprint()

    def test_matricule_and_oid_do_not_slide_into_one_another(self, path):
        key = IndexKey.load_or_create(path.with_name("a"), kek=FileKek.open_or_create(path))
        assert key.ins_digest(matricule="12", oid="3") != key.ins_digest(matricule="2", oid="31")

    def test_a_wrong_kek_or_an_altered_file_is_refused(self, path):
        kek, index = FileKek.open_or_create(path), path.with_name("index.key")
        IndexKey.load_or_create(index, kek=kek)
        with pytest.raises(Unopenable):
            IndexKey.load(index, kek=FileKek.open_or_create(path.with_name("other.json")))
        raw = bytearray(read_key_file(index))
        raw[20] ^= 1
        replace_key_file(index, bytes(raw), disk=FaultyDisk())
        with pytest.raises(Unopenable):
            IndexKey.load(index, kek=kek)

    def test_a_lost_index_key_is_not_silently_replaced(self, path):
        with pytest.raises(KeyFileUnusable):
            IndexKey.load(path.with_name("index.key"), kek=FileKek.open_or_create(path))
