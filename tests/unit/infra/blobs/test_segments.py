"""The sealed form is Tink's streaming AEAD, byte for byte, and nothing that was changed in it opens."""

import io
import os
import uuid

import pytest
import tink
from hypothesis import given, settings
from hypothesis import strategies as st
from tink import cleartext_keyset_handle, streaming_aead
from tink.proto import aes_gcm_hkdf_streaming_pb2, common_pb2, tink_pb2

from carnet.infra.blobs import BlobDamaged, segments
from carnet.infra.blobs.segments import (
    HEADER,
    SEGMENT,
    TAG,
    SegmentOpener,
    SegmentSealer,
    content_size,
    content_start,
    seal_whole,
    sealed_size,
    segment_of,
)
from carnet.infra.blobs.store import Seal
from carnet.infra.vault import SpaceKeys

streaming_aead.register()

FIRST, NEXT = SEGMENT - HEADER - TAG, SEGMENT - TAG
SECRET, BOUND_TO = bytes(range(32)), b"space and blob"
SIZES = [0, 1, 50_000, FIRST - 1, FIRST, FIRST + 1, FIRST + NEXT, FIRST + NEXT + 1, FIRST + 2 * NEXT - 1, 300_000]


def real_tink():
    """Google's own implementation, with our secret and our segment length."""
    key = aes_gcm_hkdf_streaming_pb2.AesGcmHkdfStreamingKey(key_value=SECRET)
    key.params.ciphertext_segment_size = SEGMENT
    key.params.derived_key_size = 32
    key.params.hkdf_hash_type = common_pb2.SHA256
    keyset = tink_pb2.Keyset(primary_key_id=1)
    one = keyset.key.add(key_id=1, status=tink_pb2.ENABLED, output_prefix_type=tink_pb2.RAW)
    one.key_data.type_url = "type.googleapis.com/google.crypto.tink.AesGcmHkdfStreamingKey"
    one.key_data.key_material_type = tink_pb2.KeyData.SYMMETRIC
    one.key_data.value = key.SerializeToString()
    return cleartext_keyset_handle.from_keyset(keyset).primitive(streaming_aead.StreamingAead)


class Kept(io.BytesIO):
    """Keeps its content when closed, for Tink closes what it writes to."""

    def close(self):
        self.kept = self.getvalue()
        super().close()


def seal_with_tink(content):
    out = Kept()
    with real_tink().new_encrypting_stream(out, BOUND_TO) as stream:
        stream.write(content)
    return out.kept


def open_with_tink(sealed):
    with real_tink().new_decrypting_stream(io.BytesIO(sealed), BOUND_TO) as stream:
        return stream.read()


def opener(sealed, *, secret=SECRET, bound_to=BOUND_TO, length=None):
    return SegmentOpener(
        secrets=[secret], associated_data=bound_to, header=bytes(sealed[:HEADER]), sealed=length or len(sealed)
    )


def open_whole(sealed, **how):
    return bytes(opener(sealed, **how).open(0, memoryview(sealed)[HEADER:]))


def seal_in_pieces(content, pieces):
    sealer, out, at = SegmentSealer(secret=SECRET, associated_data=BOUND_TO), b"", 0
    for length in pieces:
        out += sealer.update(content[at : at + length])
        at += length
    return out + sealer.update(content[at:]) + sealer.finish()


@pytest.mark.parametrize("size", SIZES)
def test_real_tink_opens_what_we_seal(size):
    content = os.urandom(size)
    for sealed in (seal_whole(content, secret=SECRET, associated_data=BOUND_TO), seal_in_pieces(content, [1000])):
        assert len(sealed) == sealed_size(size)
        assert open_with_tink(bytes(sealed)) == content


@pytest.mark.parametrize("size", SIZES)
def test_we_open_what_real_tink_seals(size):
    content = os.urandom(size)
    sealed = seal_with_tink(content)
    assert len(sealed) == sealed_size(size)
    assert open_whole(sealed) == content


def test_real_tink_refuses_our_sealing_for_another_blob():
    sealed = seal_whole(b"x", secret=SECRET, associated_data=b"another")
    with pytest.raises(tink.TinkError):
        open_with_tink(bytes(sealed))


def test_a_blob_sealed_long_ago_opens():
    keyset = (
        "08d285d8cc0412690a5d0a31747970652e676f6f676c65617069732e636f6d2f676f6f676c652e63727970746f2e74696e6b2e486b64"
        "665072664b65791226120208031a20000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f1801100118d285"
        "d8cc042003"
    )
    sealed = bytes.fromhex(
        "2869a66ac82be26d3b237a4eb39e60f13241a6859c66d5a40c679276f57ba100b2a4e3d8ba501bae8c3419b5eff20ebdada83a0f342111d2541a26"
        "a68bcfdb"
    )
    space = uuid.UUID("0195c5a0-1111-7111-8111-111111111111")
    keys = SpaceKeys(bytes.fromhex(keyset), space_id=space)
    seal = Seal.of(blob_id=uuid.UUID(int=7), space_id=space, keys=keys)
    assert open_whole(sealed, secret=seal.secrets[0], bound_to=seal.associated_data) == b"contenu"


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 3 * SEGMENT), st.lists(st.integers(0, SEGMENT), max_size=6))
def test_pieces_of_any_length_make_the_same_form(size, pieces):
    content = os.urandom(size)
    sealed = seal_in_pieces(content, pieces)
    assert len(sealed) == sealed_size(size)
    assert open_whole(sealed) == content


@given(st.integers(0, 20 * SEGMENT))
def test_lengths_and_positions_agree(size):
    assert content_size(sealed_size(size)) == size
    assert content_start(segment_of(size)) <= size < content_start(segment_of(size) + 1)


def test_lengths_no_content_can_have_are_refused():
    possible = {sealed_size(size) for size in range(2 * SEGMENT)}
    for length in range(max(possible)):
        if length not in possible:
            with pytest.raises(BlobDamaged):
                content_size(length)


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_any_run_of_segments_opens_alone(data):
    size = data.draw(st.integers(0, 4 * SEGMENT))
    content = os.urandom(size)
    sealed = memoryview(seal_whole(content, secret=SECRET, associated_data=BOUND_TO))
    last = segment_of(max(size - 1, 0))
    first = data.draw(st.integers(0, last))
    until = data.draw(st.integers(first, last))
    run = sealed[max(first * SEGMENT, HEADER) : (until + 1) * SEGMENT]
    assert opener(sealed).open(first, run) == content[content_start(first) : content_start(until + 1)]


def alterations(sealed, other):
    """Every kind of change the design promises to see, made to a blob of three segments; `other` is another's."""
    one, two, three = sealed[:SEGMENT], sealed[SEGMENT : 2 * SEGMENT], sealed[2 * SEGMENT :]
    flips = [0, 1, 33, HEADER, HEADER + 5, SEGMENT - 1, SEGMENT, 2 * SEGMENT, len(sealed) - 1]
    yield from (("flip", sealed[:at] + bytes((sealed[at] ^ 1,)) + sealed[at + 1 :]) for at in flips)
    yield "cut at a segment", one + two
    yield "cut to one segment", one
    yield from (("cut", sealed[:length]) for length in (0, 1, HEADER, HEADER + TAG, SEGMENT - 1, len(sealed) - 1))
    yield "reordered", one + three + two
    yield "doubled", one + two + two + three
    yield "dropped", one + three
    yield "longer", sealed + b"\0"
    yield "longer by a segment", sealed + three
    yield "other's segment", one + other[SEGMENT : 2 * SEGMENT] + three
    yield "other's header", other[:HEADER] + sealed[HEADER:]


def unseen(sealed, other):
    seen_as_true = []
    for name, altered in alterations(sealed, other):
        if altered == sealed:
            continue
        try:
            open_whole(altered)
        except BlobDamaged:
            continue
        seen_as_true.append(name)
    return seen_as_true


@pytest.fixture
def three_segments():
    def make():
        return bytes(seal_whole(os.urandom(FIRST + 2 * NEXT), secret=SECRET, associated_data=BOUND_TO))

    return make


def test_no_altered_blob_opens(three_segments):
    sealed, other = three_segments(), three_segments()
    open_whole(sealed)
    assert unseen(sealed, other) == []


def test_the_check_sees_a_nonce_without_the_last_mark(three_segments, monkeypatch):
    monkeypatch.setattr(segments._Cipher, "nonce", lambda self, number, *, last: self._prefix + bytes(5))
    sealed, other = three_segments(), three_segments()
    assert {"cut at a segment", "cut to one segment", "reordered", "doubled", "dropped"} <= set(unseen(sealed, other))


def test_a_secret_or_a_binding_that_is_not_its_own_opens_nothing():
    sealed = seal_whole(b"x" * 100, secret=SECRET, associated_data=BOUND_TO)
    with pytest.raises(BlobDamaged):
        open_whole(sealed, secret=bytes(32))
    with pytest.raises(BlobDamaged):
        open_whole(sealed, bound_to=b"another blob")


def test_older_secrets_are_tried():
    sealed = seal_whole(b"x" * 100, secret=SECRET, associated_data=BOUND_TO)
    found = SegmentOpener(
        secrets=[bytes(32), SECRET], associated_data=BOUND_TO, header=bytes(sealed[:HEADER]), sealed=len(sealed)
    )
    assert found.open(0, memoryview(sealed)[HEADER:]) == b"x" * 100
