"""The small pure parts of sessions and sign-in: form tokens, freshness, cookies, devices, local paths."""

import datetime as dt
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carnet.identity.devices import device_label
from carnet.identity.sessions import Door, SessionLimits, WebSession, digest_of, form_token, is_form_token
from carnet.journeys.api import WebDoor, local_path
from carnet.kernel.actors import Actor, ActorKind

AT = dt.datetime(2026, 11, 21, 9, 0, tzinfo=dt.UTC)


def session(token: str = "t" * 43, *, authenticated_at: dt.datetime = AT) -> WebSession:
    return WebSession(
        public_id=UUID(int=1),
        account=UUID(int=2),
        door=Door.PORTAL,
        created_at=AT,
        last_seen_at=AT,
        authenticated_at=authenticated_at,
        absolute_end=AT + dt.timedelta(hours=24),
        device="",
        csrf_token=form_token(token),
        id_token="a.b.c",
        holder=Actor(kind=ActorKind.PERSON, identifier="2", name=""),
    )


def test_a_form_token_belongs_to_one_session_and_tells_nothing_of_it():
    mine = session("a" * 43)
    assert is_form_token(mine, form_token("a" * 43))
    assert not is_form_token(mine, form_token("b" * 43))
    assert not is_form_token(mine, "")
    assert not is_form_token(mine, "é")
    assert form_token("a" * 43) not in {"a" * 43, digest_of("a" * 43).hex()}


@pytest.mark.parametrize(("minutes", "fresh"), [(0, True), (5, True), (5.01, False), (600, False)])
def test_a_proof_is_fresh_for_five_minutes(minutes, fresh):
    assert session().is_fresh(at=AT + dt.timedelta(minutes=minutes)) is fresh


def test_a_session_shows_no_secret_when_printed():
    assert "a.b.c" not in repr(session())
    assert form_token("t" * 43) not in repr(session())


def web(base_url: str, **changes) -> WebDoor:
    return WebDoor(door=Door.PRO, base_url=base_url, limits=SessionLimits(), **changes)


@pytest.mark.parametrize("base_url", ["https://carnet.example", "http://127.0.0.1:8000", "http://localhost:8000"])
def test_cookies_are_host_bound_everywhere(base_url):
    door = web(base_url)
    assert door.session_cookie == "__Host-carnet-pro"
    assert door.attempt_cookie == "__Host-carnet-pro-login"
    cookie = door.cookie(door.session_cookie, "x")
    assert (cookie.secure, cookie.httponly, cookie.samesite, cookie.path) == (True, True, "lax", "/")
    assert cookie.domain is None
    assert door.forget("x").max_age == 0


def test_only_loopback_may_drop_the_prefix():
    assert web("http://127.0.0.1:8000", host_prefix=False).session_cookie == "carnet-pro"
    for base_url in ("https://carnet.example", "http://carnet.example", "http://127.0.0.1.evil.test"):
        with pytest.raises(ValueError, match="loopback"):
            web(base_url, host_prefix=False)


@pytest.mark.parametrize(
    ("user_agent", "label"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox, Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36", "Chrome, Linux"),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140 Mobile Safari/537.36", "Chrome, Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604.1", "Safari, iPhone"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 15_0) Chrome/140 Safari/537.36 Edg/140", "Edge, macOS"),
        ("curl/8.9", ""),
        ("", ""),
        ("<script>alert(1)</script>", ""),
    ],
)
def test_devices_are_named_coarsely(user_agent, label):
    assert device_label(user_agent) == label


@given(st.text(max_size=700))
def test_a_device_label_is_made_of_our_words_only(user_agent):
    assert len(device_label(user_agent)) < 30
    assert device_label("\n".join(["x"] * 600) + user_agent) == ""


@given(st.text(max_size=600))
def test_a_return_address_never_leaves_the_site(text):
    path = local_path(text)
    assert path.startswith("/")
    assert not path.startswith(("//", "/\\"))
    assert "\\" not in path
    assert not any(character.isspace() or ord(character) < 32 for character in path)
