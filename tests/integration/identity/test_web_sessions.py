"""Sessions in the database: found by digest, noted once a minute, sealed, ended, purged of nothing they should keep."""

import datetime as dt
from uuid import uuid4

import pytest

from carnet.identity.api import (
    Attempt,
    Door,
    Login,
    SessionLimits,
    find_session,
    keep_attempt,
    list_sessions,
    set_software_status,
    sign_in,
    sign_out,
    take_attempt,
)
from carnet.identity.queries.standing import is_live
from carnet.infra import installation, randomness
from carnet.infra.db import system_work
from carnet.infra.vault import FileKek, HouseKey, Unopenable, rewrap_house_key, rotate_house_key
from carnet.kernel.errors import Refused
from factories.world import AT, OPERATOR, make_person, make_professional, make_software

LIMITS = SessionLimits()


def login(subject=None, **changes):
    base = {
        "door": Door.PORTAL,
        "issuer": "https://idp.test",
        "subject": subject or str(uuid4()),
        "id_token": "h.c.s",
        "acr": "eidas2",
        "authenticated_at": AT,
        "device": "Firefox, Linux",
    }
    return Login(**(base | changes))


async def enter(actor, *, at=AT, limits=LIMITS, replaces=None, **changes):
    return await sign_in(actor=actor, login=login(**changes), limits=limits, replaces=replaces, at=at)


async def found(token, *, door=Door.PORTAL, at=AT, limits=LIMITS):
    return await find_session(token=token, door=door, limits=limits, at=at)


async def last_seen(token):
    async with system_work(at=AT) as w:
        row = await w.row(
            "SELECT last_seen_at FROM web_session WHERE session_digest = sha256(convert_to(%s, 'UTF8'))", (token,)
        )
    return row[0]


async def test_a_session_gives_back_the_actor(house):
    person = await make_person()
    new = await enter(person.actor)
    held = await found(new.token)
    assert held.actor == new.actor
    assert held.actor.space == person.space
    assert held.actor.session == str(held.session.public_id)
    assert held.session.id_token == "h.c.s"
    assert await found("x" * 43) is None
    assert await found(new.token, door=Door.PRO) is None
    assert await found(new.token.swapcase()) is None


async def test_use_is_noted_at_most_once_a_minute(house):
    new = await enter((await make_person()).actor)
    for seconds, noted in ((10, 0), (59, 0), (61, 61), (90, 61), (121, 121)):
        await found(new.token, at=AT + dt.timedelta(seconds=seconds))
        assert await last_seen(new.token) == AT + dt.timedelta(seconds=noted)


async def test_a_dead_session_is_not_noted(house):
    new = await enter((await make_person()).actor)
    assert await found(new.token, at=AT + dt.timedelta(hours=1)) is None
    assert await last_seen(new.token) == AT
    assert await found(new.token, at=AT + dt.timedelta(minutes=29)) is not None


@pytest.mark.parametrize(
    ("limits", "alive", "dead"),
    [
        (SessionLimits(), dt.timedelta(minutes=29, seconds=59), dt.timedelta(minutes=30)),
        (SessionLimits(idle=dt.timedelta(minutes=20)), dt.timedelta(minutes=19), dt.timedelta(minutes=20)),
        (
            SessionLimits(idle=dt.timedelta(hours=100), absolute=dt.timedelta(hours=12)),
            dt.timedelta(hours=11, minutes=59),
            dt.timedelta(hours=12),
        ),
    ],
)
async def test_limits(house, limits, alive, dead):
    actor = (await make_person()).actor
    for moment, expected in ((alive, True), (dead, False)):
        new = await enter(actor, limits=limits)
        assert (await found(new.token, at=AT + moment, limits=limits) is not None) is expected


async def test_an_ended_session_is_over(house):
    person = await make_person()
    first, second = await enter(person.actor, subject="a"), await enter(person.actor, subject="a")
    held = await found(first.token)
    assert len(await list_sessions(session=held.session, limits=LIMITS, at=AT)) == 2
    await sign_out(actor=held.actor, session=held.session, at=AT)
    await sign_out(actor=held.actor, session=held.session, at=AT)
    assert await found(first.token) is None
    assert await found(second.token) is not None


async def test_one_login_is_one_account_and_never_two_spaces(house):
    one, other = await make_person(), await make_person()
    first = await enter(one.actor, subject="same")
    again = await enter(one.actor, subject="same")
    assert first.actor.identifier == again.actor.identifier
    with pytest.raises(Refused) as refusal:
        await enter(other.actor, subject="same")
    assert refusal.value.problems[0].code == "account-linked-elsewhere"
    elsewhere = await enter(other.actor, subject="same", issuer="https://other.test")
    assert elsewhere.actor.identifier != first.actor.identifier


async def test_what_is_sealed_opens_only_in_its_own_row(house):
    """Copying the sealed half of one session into another row gives nobody another's identity."""
    victim, thief = await make_person(), await make_person()
    theirs, mine = await enter(victim.actor), await enter(thief.actor)
    digest = "sha256(convert_to(%s, 'UTF8'))"
    async with system_work(at=AT) as w:
        await w.execute(
            f"UPDATE web_session SET sealed = (SELECT sealed FROM web_session WHERE session_digest = {digest}) "
            f"WHERE session_digest = {digest}",
            (theirs.token, mine.token),
        )
    assert await found(mine.token) is None


async def test_another_house_key_signs_everybody_out(house, tmp_path):
    new = await enter((await make_person()).actor)
    kept = installation.current()
    kek = FileKek.open_or_create(tmp_path / "kek.json")
    other = HouseKey.load_or_create(tmp_path / "house.key", kek=kek)
    installation.install(
        installation.Installation(
            keys=kept.keys, index_key=kept.index_key, house_key=other, blobs=kept.blobs, limits=kept.limits
        )
    )
    try:
        assert await found(new.token) is None
    finally:
        installation.install(kept)
    assert await found(new.token) is not None


async def test_an_attempt_is_taken_once_and_not_after_ten_minutes(house):
    attempt = Attempt(door=Door.PORTAL, nonce="n", verifier="v", browser="b", return_to="/accueil", started_at=AT)
    states = [randomness.token_urlsafe(32) for _ in range(2)]
    for state in states:
        await keep_attempt(state=state, attempt=attempt, at=AT)
    assert await take_attempt(state=states[0], at=AT) == attempt
    assert await take_attempt(state=states[0], at=AT) is None
    assert await take_attempt(state=states[1], at=AT + dt.timedelta(minutes=10)) is None
    assert await take_attempt(state="never", at=AT) is None


async def test_expired_attempts_are_forgotten_as_others_begin(house):
    attempt = Attempt(door=Door.PRO, nonce="n", verifier="v", browser="b", return_to="/", started_at=AT)
    later = AT + dt.timedelta(days=400)
    for number in range(5):
        await keep_attempt(state=f"old-{number}", attempt=attempt, at=AT)
    await keep_attempt(state="new", attempt=attempt, at=later)
    async with system_work(at=later) as w:
        assert await w.row("SELECT count(*) FROM login_attempt WHERE expires_at < %s", (later,)) == (0,)
    await take_attempt(state="new", at=later)


async def test_who_may_still_act(house):
    software, doctor = await make_software(), await make_professional()
    both = {"client_id": software.client_id, "rpps": doctor.rpps, "finess": doctor.organisation}
    assert await is_live(**both)
    assert await is_live(client_id=software.client_id, rpps=None, finess=software.organisation)
    assert not await is_live(client_id="unknown", rpps=None, finess=None)
    assert not await is_live(**(both | {"finess": software.organisation}))
    await set_software_status(actor=OPERATOR, client_id=software.client_id, active=False, at=AT)
    assert not await is_live(**both)


def test_the_house_key_survives_rotation_and_rewrapping(tmp_path):
    kek = FileKek.open_or_create(tmp_path / "kek.json")
    path = tmp_path / "keys" / "house.key"
    place = {"table": "t", "column": "c", "row": "r"}
    first = HouseKey.load_or_create(path, kek=kek)
    sealed, digest = first.seal(**place, plaintext=b"x"), first.digest("iss", "sub", purpose="account")
    rotate_house_key(path, kek=kek)
    assert not rewrap_house_key(path, kek=kek)
    kek.promote(kek.add_key())
    assert rewrap_house_key(path, kek=kek)
    second = HouseKey.load(path, kek=kek)
    assert second.open(**place, sealed=sealed) == b"x"
    assert second.digest("iss", "sub", purpose="account") == digest
    assert second.digest("is", "ssub", purpose="account") != digest
    with pytest.raises(Unopenable):
        first.open(**place, sealed=second.seal(**place, plaintext=b"y"))
    with pytest.raises(Unopenable):
        second.open(**(place | {"row": "other"}), sealed=sealed)
