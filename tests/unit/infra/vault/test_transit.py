"""The key-encryption key behind a transit service, over real HTTP: what it binds, and how its absence is told."""

import asyncio

import msgspec
import pytest

from carnet.infra.vault import (
    KeyFileUnusable,
    KeyRing,
    Unopenable,
    WrappedKeyset,
    new_space_keyset,
    open_keyset,
    rewrap_keysets,
    seal_keyset,
)
from carnet.infra.vault.transit_kek import TransitKek, TransitSettings
from carnet.kernel.errors import Unavailable
from factories import transit


@pytest.fixture
def peer():
    with transit.running() as running:
        yield running


@pytest.fixture
def kek(peer, tmp_path):
    token = tmp_path / "token"
    token.write_text(peer.token + "\n")
    token.chmod(0o600)
    kek = TransitKek(TransitSettings(url=peer.url, key_name=transit.KEY_NAME, token_file=token, timeout_seconds=0.5))
    yield kek
    kek.close()


def test_a_keyset_opens_as_itself_only(kek, space_id):
    wrapped = seal_keyset(new_space_keyset(), kek=kek, space_id=space_id, version=1)
    assert wrapped.startswith(b"vault:v1:")
    assert open_keyset(wrapped, kek=kek, space_id=space_id, version=1).space_id == str(space_id)
    for place in ({"space_id": "other", "version": 1}, {"space_id": space_id, "version": 2}):
        with pytest.raises(Unopenable):
            open_keyset(wrapped, kek=kek, **place)
    for altered in (
        wrapped[:-8],
        wrapped[:-8] + b"AAAAAAA=",
        b"",
        b"vault:v9:" + wrapped[9:],
        b"\xff" + wrapped,
        b"vault:v1:\xff",
    ):
        with pytest.raises(Unopenable):
            open_keyset(altered, kek=kek, space_id=space_id, version=1)


def test_rotation_rewraps_inside_the_service(kek, peer, space_id):
    wrapped = seal_keyset(new_space_keyset(), kek=kek, space_id=space_id, version=1)
    before = open_keyset(wrapped, kek=kek, space_id=space_id, version=1)
    row = WrappedKeyset(space_id=space_id, version=1, wrapped=wrapped)
    assert list(rewrap_keysets([row], kek=kek)) == []
    peer.rotate()
    later = TransitKek(kek._settings)
    peer.verbs.clear()
    (fresh,) = rewrap_keysets([row], kek=later)
    assert "decrypt" not in peer.verbs
    assert list(rewrap_keysets([fresh], kek=later)) == []
    peer.trim(1)
    after = open_keyset(fresh.wrapped, kek=later, space_id=space_id, version=1)
    assert after.blob_keys == before.blob_keys
    later.close()


def test_a_key_that_honours_contexts_is_fit(kek):
    kek.check_fit()


def test_a_key_that_ignores_contexts_is_refused(kek, peer):
    peer.derived = False
    with pytest.raises(KeyFileUnusable) as refusal:
        kek.check_fit()
    assert refusal.value.problems[0].code == "key-ignores-context"


@pytest.mark.parametrize("trouble", ["sealed", "slow", "gone", "wrong token", "wrong key"])
def test_a_service_that_cannot_serve_is_unavailable_and_never_damage(kek, peer, trouble, tmp_path):
    wrapped = kek.wrap(b"s", context=b"c")
    if trouble == "sealed":
        peer.sealed = True
    elif trouble == "slow":
        peer.delay = 1.0
    elif trouble == "wrong token":
        peer.token = "another"
    elif trouble == "wrong key":
        kek._settings = TransitSettings(url=peer.url, key_name="unknown", token_file=kek._settings.token_file)
    else:
        kek._client.adapter.base_uri = "http://127.0.0.1:9"
    for call in (
        lambda: kek.wrap(b"s", context=b"c"),
        lambda: kek.unwrap(wrapped, context=b"c"),
        lambda: kek.rewrap(wrapped, context=b"c"),
    ):
        with pytest.raises(Unavailable) as refusal:
            call()
        assert refusal.value.problems[0].code == "key-service-unavailable"


def test_a_renewed_token_is_read_again(kek, peer):
    peer.token = "second-token"
    kek._settings.token_file.write_text("second-token")
    assert kek.unwrap(kek.wrap(b"s", context=b"c"), context=b"c") == b"s"


def test_an_exposed_token_file_is_refused(kek):
    kek._settings.token_file.chmod(0o644)
    with pytest.raises(KeyFileUnusable):
        TransitKek(kek._settings)


def test_a_replica_that_lags_makes_no_old_wrapping_current(kek, peer):
    """Else a rotation would be told to be over while half of the keysets hang on the old version."""
    peer.rotate()
    new, newest = kek.wrap(b"s", context=b"c"), peer.versions.pop(2)
    old = kek.wrap(b"s", context=b"c")
    again = kek.rewrap(old, context=b"c")
    assert [kek.is_current(one) for one in (new, old, again)] == [True, False, False]
    peer.versions[2] = newest
    later = TransitKek(kek._settings)
    fresh = later.rewrap(old, context=b"c")
    peer.verbs.clear()
    assert [later.is_current(one) for one in (fresh, new, old)] == [True, True, False]
    assert peer.verbs == [], "what a rewrapping told is not asked again"
    later.close()


def test_what_is_no_wrapping_is_not_sent_and_is_never_current(kek, peer):
    kek.wrap(b"s", context=b"c")
    peer.verbs.clear()
    for junk in (b"", b"1:abc", b"vault:vx:abc", b"vault:v:abc", b"vault:v\xff"):
        assert not kek.is_current(junk)
    for junk in (b"", b"1:abc", b"vault:v1:\xff"):
        with pytest.raises(Unopenable):
            kek.unwrap(junk, context=b"c")
    assert peer.verbs == []


def test_a_service_that_refuses_to_wrap_is_unavailable(kek):
    """Nothing was altered: there is nothing to open yet."""
    with pytest.raises(Unavailable):
        kek.wrap(b"s", context=b"")


def test_the_services_certificate_is_checked(kek, tmp_path):
    """Against what the system trusts, or against the authority of the house when it names one."""
    assert kek._client.adapter._kwargs["verify"] is True
    authority = tmp_path / "ca.pem"
    settings = msgspec.structs.replace(kek._settings, ca_file=authority)
    own = TransitKek(settings)
    assert own._client.adapter._kwargs["verify"] == str(authority)
    own.close()


async def test_the_loop_does_not_wait_for_the_service(kek, space_id, monkeypatch):
    elsewhere = []

    async def recorded(work):
        elsewhere.append(work)
        return work()

    monkeypatch.setattr(asyncio, "to_thread", recorded)
    wrapped = await KeyRing(kek).create(space_id=space_id)
    await KeyRing(kek).open(space_id=space_id, version=1, wrapped=wrapped)
    assert len(elsewhere) == 2
