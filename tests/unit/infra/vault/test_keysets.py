"""A wrapped keyset is worth something only with its key-encryption key, in its own row; rotation loses none."""

import uuid

import pytest

from carnet.infra.vault import (
    FileKek,
    SpaceKeys,
    Unopenable,
    WrappedKeyset,
    new_space_keyset,
    open_keyset,
    rewrap_keysets,
    seal_keyset,
)
from carnet.infra.vault import space_keys as space_keys_module
from carnet.infra.vault.encoding import encode_parts

KNOWN_KEK = """{"primaryKeyId": 1879771515, "key": [{"keyData": {
  "typeUrl": "type.googleapis.com/google.crypto.tink.AesGcmKey",
  "value": "GiCo/pOtehzburIIpAlCYcaP2JeWekfRO4SmgBmuA8nr4g==", "keyMaterialType": "SYMMETRIC"},
  "status": "ENABLED", "keyId": 1879771515, "outputPrefixType": "TINK"}]}"""
KNOWN_WRAPPED = bytes.fromhex(
    "01700b097b8bf9368d003cdd321543a933d57fcafe9c4f9a2e3b1ba04ed76e15278fcaeeeba9788aed1aedbc7f8b120e3d3c05e672b3ef2b81c5"
    "d24ca98c64bd7bcbe7f07dbd50be837da998a61b149ece8cedb5eb6b600b08a2095ee8ef297548d81b77fb47f252285ac0121455583a4118ab59"
    "68d62b13a996257ceec8d9a4f537303e3b599b784852b487979d5fc9a43b"
)
PLACE = {"table": "document", "column": "title", "row": "1"}


def test_a_keyset_wrapped_long_ago_opens(tmp_path):
    path = tmp_path / "kek.json"
    path.write_text(KNOWN_KEK)
    path.chmod(0o600)
    space = "0195c5a0-1111-7111-8111-111111111111"
    keys = open_keyset(KNOWN_WRAPPED, kek=FileKek(path), space_id=space, version=3)
    assert keys.blob_keys[0].hex() == "e56c8ba157962abbf9d5e520a26228f2ef5124b5667b6ea265740b8f1ab891e5"


def wrong_openings(tmp_path):
    """Wrap a keyset and try to open it as another's; return which attempts succeeded."""
    kek = FileKek.open_or_create(tmp_path / "kek.json")
    other = FileKek.open_or_create(tmp_path / "other.json")
    space = uuid.uuid4()
    wrapped = seal_keyset(new_space_keyset(), kek=kek, space_id=space, version=1)
    open_keyset(wrapped, kek=kek, space_id=space, version=1)
    attempts = {
        "space": {"kek": kek, "space_id": uuid.uuid4(), "version": 1},
        "version": {"kek": kek, "space_id": space, "version": 2},
        "kek": {"kek": other, "space_id": space, "version": 1},
    }
    succeeded = set()
    for name, attempt in attempts.items():
        try:
            open_keyset(wrapped, **attempt)
        except Unopenable:
            continue
        succeeded.add(name)
    return succeeded


def test_a_wrapped_keyset_opens_only_as_itself(tmp_path):
    assert wrong_openings(tmp_path) == set()


@pytest.mark.parametrize("forgotten", ["space", "version"])
def test_the_check_sees_a_context_left_out(tmp_path, monkeypatch, forgotten):
    def context(*, space_id, version):
        return encode_parts(str(version) if forgotten == "space" else space_id)

    monkeypatch.setattr(space_keys_module, "keyset_context", context)
    assert wrong_openings(tmp_path) == {forgotten}


def test_no_altered_wrapping_opens(kek, space_id):
    wrapped = seal_keyset(new_space_keyset(), kek=kek, space_id=space_id, version=1)
    altered = [wrapped[:at] + bytes((wrapped[at] ^ 128,)) + wrapped[at + 1 :] for at in range(len(wrapped))]
    for one in [*altered, *(wrapped[:length] for length in range(len(wrapped))), wrapped + b"\0"]:
        with pytest.raises(Unopenable):
            open_keyset(one, kek=kek, space_id=space_id, version=1)


class KeyRows:
    """Stands for the table of key rows: what a rotation reads and stores."""

    def __init__(self, kek, count):
        self.rows = {}
        self.sealed = {}
        for _ in range(count):
            space = uuid.uuid4()
            keyset = new_space_keyset()
            self.rows[space] = WrappedKeyset(
                space_id=space, version=1, wrapped=seal_keyset(keyset, kek=kek, space_id=space, version=1)
            )
            self.sealed[space] = SpaceKeys(keyset, space_id=space).seal(**PLACE, plaintext=b"kept")

    def rotate(self, kek, *, stop_after=None):
        done = 0
        for row in rewrap_keysets(list(self.rows.values()), kek=kek):
            if done == stop_after:
                break
            self.rows[row.space_id] = row
            done += 1
        return done

    def readable(self, kek):
        count = 0
        for space, row in self.rows.items():
            try:
                keys = open_keyset(row.wrapped, kek=kek, space_id=space, version=1)
            except Unopenable:
                continue
            count += keys.open(**PLACE, sealed=self.sealed[space]) == b"kept"
        return count


def rotate_and_retire(kek, *, interrupted_after):
    rows = KeyRows(kek, 6)
    old = int(kek.key_id.removeprefix("file:"), 16)
    kek.promote(kek.add_key())
    first = rows.rotate(kek, stop_after=interrupted_after)
    assert rows.readable(kek) == 6, "everything opens in the middle of a rotation"
    second = rows.rotate(kek)
    assert rows.rotate(kek) == 0, "a finished rotation has nothing left to do"
    kek.retire(old)
    return first, second, rows.readable(kek)


@pytest.mark.parametrize("after", [0, 2, 5])
def test_rotation_can_be_interrupted_and_loses_nothing(kek, after):
    assert rotate_and_retire(kek, interrupted_after=after) == (after, 6 - after, 6)


def test_the_check_sees_a_rotation_that_only_pretends(kek, monkeypatch):
    monkeypatch.setattr(FileKek, "is_current", lambda self, wrapped: True)
    assert rotate_and_retire(kek, interrupted_after=2)[2] == 0


def test_a_row_that_does_not_open_stops_the_rotation_with_its_reason(kek):
    rows = KeyRows(kek, 1)
    row = next(iter(rows.rows.values()))
    kek.promote(kek.add_key())
    broken = WrappedKeyset(space_id=uuid.uuid4(), version=1, wrapped=row.wrapped)
    with pytest.raises(Unopenable):
        list(rewrap_keysets([broken], kek=kek))
