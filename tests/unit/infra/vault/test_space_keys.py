"""A field opens in its own place with its own space's key, unchanged, or not at all."""

import os
import uuid

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from tink import aead, cleartext_keyset_handle, new_keyset_handle, prf, proto_keyset_format, secret_key_access
from tink.proto import aes_gcm_pb2, tink_pb2

from carnet.infra.vault import SpaceKeys, Unopenable, new_space_keyset, rotated_space_keyset
from carnet.infra.vault.encoding import encode_parts
from carnet.kernel.errors import CarnetError

ROW = uuid.UUID("0195c5a0-0000-7000-8000-000000000001")
PLACE = {"table": "document", "column": "title", "row": ROW}
TEXT = b"Compte rendu d'hospitalisation"


class TestKnownAnswers:
    """Fixed once: if one of these changes, what is stored today will not open tomorrow."""

    SPACE = "0195c5a0-1111-7111-8111-111111111111"
    SECRET = bytes(range(32))
    KEY_ID = 1234567890
    KEYSET = bytes.fromhex(
        "08d285d8cc0412690a5d0a31747970652e676f6f676c65617069732e636f6d2f676f6f676c652e63727970746f2e74696e6b2e486b64665072"
        "664b65791226120208031a20000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f1801100118d285d8cc042003"
    )
    SEALED = bytes.fromhex(
        "01499602d2f7577eb6f0c0bdbbf3ea6ef4b1df5eaf06654b05429c9984aadccb7b52b6eefe04e7133b61d458855e1f1a11017f7c55bfb5a4d0"
        "85d8dd6c4e40"
    )

    @pytest.fixture
    def fixed(self):
        return SpaceKeys(self.KEYSET, space_id=self.SPACE)

    @pytest.fixture
    def field_key(self):
        info = encode_parts("carnet/vault/1", "field")
        return AESGCM(HKDF(SHA256(), 32, salt=None, info=info).derive(self.SECRET))

    def test_a_field_sealed_long_ago_opens(self, fixed):
        assert fixed.open(**PLACE, sealed=self.SEALED) == TEXT

    def test_digest_and_blob_key(self, fixed):
        digest = "71907c47b307527ec5d3ead1ca1f7342467e68749c5a99912c19ab800d55076c"
        assert fixed.digest(b"x", purpose="document.hash").hex() == digest
        blob_key = "e56c8ba157962abbf9d5e520a26228f2ef5124b5667b6ea265740b8f1ab891e5"
        assert [key.hex() for key in fixed.blob_keys] == [blob_key]

    def test_the_frame_is_tinks_and_the_key_is_hkdf(self, fixed, field_key):
        """Tink's AES-GCM frame: 0x01, key id, 12-byte nonce, then ciphertext and tag."""
        bound_to = encode_parts("carnet/vault/1", "field", self.SPACE, "document", "title", ROW)
        sealed = fixed.seal(**PLACE, plaintext=TEXT)
        assert sealed[:5] == b"\x01" + self.KEY_ID.to_bytes(4, "big")
        assert field_key.decrypt(sealed[5:17], sealed[17:], bound_to) == TEXT
        nonce = os.urandom(12)
        assert fixed.open(**PLACE, sealed=sealed[:5] + nonce + field_key.encrypt(nonce, TEXT, bound_to)) == TEXT


class TestRealTink:
    """Google's own implementation derives the same keys, opens what we seal, and seals what we open."""

    @pytest.fixture(params=[0, 2], ids=["one key", "after two rotations"])
    def keyset(self, request):
        keyset = new_space_keyset()
        for _ in range(request.param):
            keyset = rotated_space_keyset(keyset)
        return keyset

    @pytest.fixture
    def prfs(self, keyset):
        return proto_keyset_format.parse(keyset, secret_key_access.TOKEN).primitive(prf.PrfSet)

    @pytest.fixture
    def fields(self, keyset, prfs):
        """The AEAD keyset that Tink's PRF-based key derivation makes of a space's keyset."""
        label, derived = encode_parts("carnet/vault/1", "field"), tink_pb2.Keyset()
        derived.primary_key_id = prfs.primary_id()
        for key_id, one in prfs.all().items():
            key = derived.key.add(key_id=key_id, status=tink_pb2.ENABLED, output_prefix_type=tink_pb2.TINK)
            key.key_data.type_url = "type.googleapis.com/google.crypto.tink.AesGcmKey"
            key.key_data.key_material_type = tink_pb2.KeyData.SYMMETRIC
            key.key_data.value = aes_gcm_pb2.AesGcmKey(key_value=one.compute(label, 32)).SerializeToString()
        return cleartext_keyset_handle.from_keyset(derived).primitive(aead.Aead)

    @pytest.mark.parametrize("text", [b"", b"x", TEXT, b"y" * 100_000])
    def test_fields_open_both_ways(self, keyset, fields, space_id, text):
        keys = SpaceKeys(keyset, space_id=space_id)
        bound_to = encode_parts("carnet/vault/1", "field", space_id, "document", "title", ROW)
        assert fields.decrypt(keys.seal(**PLACE, plaintext=text), bound_to) == text
        assert keys.open(**PLACE, sealed=fields.encrypt(text, bound_to)) == text

    def test_blob_and_digest_keys_are_its_prf(self, keyset, prfs, space_id):
        keys = SpaceKeys(keyset, space_id=space_id)
        blob = {one.compute(encode_parts("carnet/vault/1", "blob"), 32) for one in prfs.all().values()}
        assert set(keys.blob_keys) == blob
        assert keys.blob_keys[0] == prfs.primary().compute(encode_parts("carnet/vault/1", "blob"), 32)
        oldest = next(iter(prfs.all().values()))
        assert keys._digest_key == oldest.compute(encode_parts("carnet/vault/1", "digest"), 32)

    def test_a_keyset_for_something_else_is_refused(self, space_id):
        for template in (prf.prf_key_templates.HMAC_SHA256, aead.aead_key_templates.AES256_GCM):
            other = proto_keyset_format.serialize(new_keyset_handle(template), secret_key_access.TOKEN)
            with pytest.raises(Unopenable):
                SpaceKeys(other, space_id=space_id)


def parts_that_do_not_matter(kind):
    """Seal in one place, try to open in places that differ by one part; return the parts that made no difference."""
    keyset, space = new_space_keyset(), uuid.uuid4()
    keys = kind(keyset, space_id=space)
    sealed = keys.seal(**PLACE, plaintext=TEXT)
    assert keys.open(**PLACE, sealed=sealed) == TEXT
    attempts = {
        "table": (keys, PLACE | {"table": "message"}),
        "column": (keys, PLACE | {"column": "comment"}),
        "row": (keys, PLACE | {"row": uuid.uuid4()}),
        "space": (kind(keyset, space_id=uuid.uuid4()), PLACE),
        "key": (kind(new_space_keyset(), space_id=space), PLACE),
    }
    ignored = set()
    for part, (other, place) in attempts.items():
        try:
            other.open(**place, sealed=sealed)
        except Unopenable:
            continue
        ignored.add(part)
    return ignored


def test_a_field_opens_only_in_its_place():
    assert parts_that_do_not_matter(SpaceKeys) == set()


@pytest.mark.parametrize("part", ["table", "column", "row", "space"])
def test_the_check_sees_a_part_left_out(part):
    class Forgetful(SpaceKeys):
        def _place(self, table, column, row):
            parts = {"space": self.space_id, "table": table, "column": column, "row": row}
            return encode_parts(*(value for name, value in parts.items() if name != part))

    assert parts_that_do_not_matter(Forgetful) == {part}


def test_the_check_sees_a_key_that_is_the_same_for_all():
    class Shared(SpaceKeys):
        def __init__(self, keyset, *, space_id):
            super().__init__(keyset, space_id=space_id)
            self._secrets, self._primary = {7: b"k" * 32}, 7

    assert parts_that_do_not_matter(Shared) == {"key"}


def accepted_alterations(sealed, opens):
    """Return how many changed, cut or lengthened forms of `sealed` still open."""
    changed = [sealed[:at] + bytes((sealed[at] ^ 1,)) + sealed[at + 1 :] for at in range(len(sealed))]
    cut = [sealed[:length] for length in range(len(sealed))]
    return sum(opens(one) for one in [*changed, *cut, sealed + b"\0", sealed[:5] + sealed])


def test_no_altered_field_opens(keys):
    def opens(sealed):
        try:
            keys.open(**PLACE, sealed=sealed)
        except Unopenable:
            return False
        return True

    sealed = keys.seal(**PLACE, plaintext=TEXT)
    assert opens(sealed)
    assert accepted_alterations(sealed, opens) == 0


def test_the_check_sees_a_cipher_without_authentication(keys):
    assert accepted_alterations(keys.seal(**PLACE, plaintext=TEXT), lambda sealed: len(sealed) > 33) > 0


def test_sealing_twice_gives_different_bytes_of_known_length(keys):
    one, other = (keys.seal(**PLACE, plaintext=TEXT) for _ in range(2))
    assert one != other
    assert len(one) == len(TEXT) + 33


def test_a_column_opens_in_the_order_of_its_rows_and_nowhere_else(keys):
    other, column = uuid.uuid4(), {"table": "document", "column": "title"}
    sealed = [(row, keys.seal(**column, row=row, plaintext=row.bytes)) for row in (ROW, other)]
    assert keys.open_column(**column, rows=sealed) == [ROW.bytes, other.bytes]
    with pytest.raises(Unopenable):
        keys.open_column(**column, rows=[(other, sealed[0][1])])


def test_the_refusal_says_nothing_of_what_was_sealed(keys):
    with pytest.raises(CarnetError) as refusal:
        keys.open(**PLACE, sealed=b"\x01" + TEXT)
    (problem,) = refusal.value.problems
    assert problem.code == "sealed-data-unreadable"
    assert problem.fr != problem.en
    assert "document" not in str(refusal.value)


def test_digests_compare_inside_one_space_and_purpose_only(keys):
    other = SpaceKeys(new_space_keyset(), space_id=keys.space_id)
    one = keys.digest(b"abc", purpose="document.hash")
    assert one == keys.digest(b"abc", purpose="document.hash")
    assert len(one) == 32
    assert one != keys.digest(b"abd", purpose="document.hash")
    assert one != keys.digest(b"abc", purpose="document.identifier")
    assert one != other.digest(b"abc", purpose="document.hash")


def test_after_rotation_the_old_opens_the_new_key_seals_and_digests_stay(space_id):
    first = new_space_keyset()
    before = SpaceKeys(first, space_id=space_id)
    after = SpaceKeys(rotated_space_keyset(first), space_id=space_id)
    sealed = before.seal(**PLACE, plaintext=TEXT)
    assert after.open(**PLACE, sealed=sealed) == TEXT
    with pytest.raises(Unopenable):
        before.open(**PLACE, sealed=after.seal(**PLACE, plaintext=TEXT))
    assert after.digest(b"x", purpose="p") == before.digest(b"x", purpose="p")
    assert after.blob_keys[1:] == before.blob_keys
    assert after.blob_keys[0] not in before.blob_keys


@pytest.mark.parametrize("keyset", [b"", b"\0", b"nonsense", new_space_keyset()[:-3]])
def test_what_is_not_a_keyset_is_refused(keyset):
    with pytest.raises(Unopenable):
        SpaceKeys(keyset, space_id="s")


def test_no_secret_shows(keys):
    assert repr(keys) == f"<SpaceKeys of {keys.space_id}>"
