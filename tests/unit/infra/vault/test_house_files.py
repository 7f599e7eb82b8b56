"""The house's two wrapped key files: made once, never replaced by accident, rotated and rewrapped without loss."""

import asyncio

import pytest

from carnet.infra.vault import FileKek, IndexKey, KeyRing, Unopenable, rewrap_index_key
from carnet.infra.vault import tink_keysets as keysets
from carnet.infra.vault.house_key import HouseKey, rewrap_house_key, rotate_house_key
from factories.faulty_disk import FaultyDisk

PLACE = {"table": "web_session", "column": "who", "row": "1"}


KNOWN_KEK = """{"primaryKeyId": 1879771515, "key": [{"keyData": {
  "typeUrl": "type.googleapis.com/google.crypto.tink.AesGcmKey",
  "value": "GiCo/pOtehzburIIpAlCYcaP2JeWekfRO4SmgBmuA8nr4g==", "keyMaterialType": "SYMMETRIC"},
  "status": "ENABLED", "keyId": 1879771515, "outputPrefixType": "TINK"}]}"""
INDEX_WRAPPED = bytes.fromhex(
    "01700b097bc51ec5e03f7efee0d1a9afd776cb5213d126f2b91373283669dd9bf02a16e413d74f26157b80d953dfe004abd815ed3c2c8b"
    "5d2d60289d1e123dcf33dfa717c7d20afceb6632afa3c2952f646cd892327620db725575568631507baadb0e08237362e4f77ca7379273"
    "79efe831150c047f01e1d7d637b455286acd26886f07c8ef1f748686bee02e99f00cc164"
)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "house" / "house.key"


def test_a_house_key_is_made_once_and_kept(kek, path):
    first = HouseKey.load_or_create(path, kek=kek)
    written = path.read_bytes()
    again = HouseKey.load_or_create(path, kek=kek)
    assert path.read_bytes() == written
    assert again.digest("a", "b", purpose="p") == first.digest("a", "b", purpose="p")
    assert again.open(**PLACE, sealed=first.seal(**PLACE, plaintext=b"kept")) == b"kept"


def test_an_index_key_wrapped_long_ago_opens_as_one(tmp_path):
    """Written by the version before: a context that changes would lose every patient's place."""
    kek, index = tmp_path / "kek.json", tmp_path / "index.key"
    kek.write_text(KNOWN_KEK)
    index.write_bytes(INDEX_WRAPPED)
    for one in (kek, index):
        one.chmod(0o600)
    assert IndexKey.load(index, kek=FileKek(kek)).fingerprint() == "f1f1e3e096b939b5"
    with pytest.raises(Unopenable):
        HouseKey.load(index, kek=FileKek(kek))


def test_its_digests_are_of_the_parts_and_the_purpose(kek, path):
    key = HouseKey.load_or_create(path, kek=kek)
    asked = [(("ab", "c"), "p"), (("a", "bc"), "p"), (("ab", "c"), "q"), (("abc",), "p")]
    assert len({key.digest(*parts, purpose=purpose) for parts, purpose in asked}) == len(asked)


def test_after_a_rotation_old_and_new_open_and_digests_stay(kek, path):
    old = HouseKey.load_or_create(path, kek=kek)
    rotate_house_key(path, kek=kek)
    new = HouseKey.load(path, kek=kek)
    assert new.open(**PLACE, sealed=old.seal(**PLACE, plaintext=b"kept")) == b"kept"
    assert new.digest("a", purpose="p") == old.digest("a", purpose="p")
    with pytest.raises(Unopenable):
        old.open(**PLACE, sealed=new.seal(**PLACE, plaintext=b"new"))


@pytest.mark.parametrize(("made", "rewrap"), [(HouseKey, rewrap_house_key), (IndexKey, rewrap_index_key)])
def test_a_new_kek_wraps_them_again_once(kek, path, made, rewrap):
    made.load_or_create(path, kek=kek)
    old = int(kek.key_id.removeprefix("file:"), 16)
    assert rewrap(path, kek=kek) is False
    kek.promote(kek.add_key())
    assert rewrap(path, kek=kek) is True
    assert rewrap(path, kek=kek) is False
    kek.retire(old)
    made.load(path, kek=kek)


@pytest.mark.parametrize("made", [HouseKey, IndexKey, FileKek])
def test_a_disk_that_fails_while_one_is_made_leaves_none(kek, path, made):
    disk = FaultyDisk("write")
    with pytest.raises(OSError):
        FileKek.open_or_create(path, disk=disk) if made is FileKek else made.load_or_create(path, kek=kek, disk=disk)
    assert not path.exists()


@pytest.mark.parametrize("change", [rotate_house_key, rewrap_house_key, rewrap_index_key])
def test_a_disk_that_fails_while_one_is_changed_leaves_it_as_it_was(kek, path, change):
    (IndexKey if change is rewrap_index_key else HouseKey).load_or_create(path, kek=kek)
    written = path.read_bytes()
    kek.promote(kek.add_key())
    with pytest.raises(OSError):
        change(path, kek=kek, disk=FaultyDisk("rename"))
    assert path.read_bytes() == written


async def test_a_key_in_memory_is_used_at_once_and_not_by_another_thread(kek, space_id, monkeypatch):
    monkeypatch.setattr(asyncio, "to_thread", None)
    ring = KeyRing(kek)
    wrapped = await ring.create(space_id=space_id)
    assert (await ring.open(space_id=space_id, version=1, wrapped=wrapped)).space_id == str(space_id)


@pytest.mark.parametrize("other", [b"\0", b"\2", b"v"])
def test_what_another_program_wrapped_is_not_taken_for_ours(kek, other):
    wrapped = kek.wrap(b"s", context=b"c")
    assert kek.is_current(wrapped)
    assert not kek.is_current(other + wrapped[1:])
    assert not kek.is_current(wrapped[:4])
    for one in (other + wrapped[1:], b"", wrapped[:4]):
        with pytest.raises(Unopenable):
            kek.unwrap(one, context=b"c")


def colliding(monkeypatch, *, ids):
    """Every key that is made wants the same id; the dice say `ids` of the bound they are given."""
    template = keysets.prf.prf_key_templates.HKDF_SHA256
    made = keysets.tink_pb2.Keyset.FromString(keysets.serialize(keysets.new_keyset_handle(template)))
    monkeypatch.setattr(keysets, "new_keyset_handle", lambda _: keysets.handle_of(made))
    thrown = iter(ids)
    monkeypatch.setattr(keysets.secrets, "randbelow", lambda bound: next(thrown) % bound)
    return template, int(made.key[0].key_id)


def test_two_keys_of_one_keyset_never_share_an_id(monkeypatch):
    """Ids go from 1 to 2³¹-1: what every Tink reads, whatever number it keeps them in."""
    template, taken = colliding(monkeypatch, ids=[0, 0, -1])
    keyset = keysets.new_keyset(template)
    assert keyset.primary_key_id == taken
    assert [keysets.add_key(keyset, template) for _ in range(2)] == [1, 2**31 - 1]
    assert [key.key_id for key in keyset.key] == [taken, 1, 2**31 - 1]


def spoilt(change):
    keyset = keysets.new_keyset(keysets.prf.prf_key_templates.HKDF_SHA256)
    change(keyset)
    return keyset


@pytest.mark.parametrize(
    "keyset",
    [
        keysets.new_keyset(keysets.aead.aead_key_templates.AES256_GCM),
        keysets.new_keyset(keysets.prf.prf_key_templates.HMAC_SHA256),
        keysets.new_keyset(keysets.prf.prf_key_templates.AES_CMAC),
        spoilt(lambda keyset: setattr(keyset.key[0], "status", keysets.tink_pb2.DISABLED)),
        spoilt(lambda keyset: setattr(keyset.key[0].key_data, "type_url", "type.googleapis.com/another")),
    ],
    ids=["sealing", "hmac", "another", "disabled", "unknown"],
)
def test_only_the_keys_a_space_is_given_are_a_spaces_keys(keyset):
    with pytest.raises(ValueError):
        keysets.hkdf_secrets(keyset)
