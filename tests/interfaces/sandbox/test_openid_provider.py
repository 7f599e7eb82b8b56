"""The OpenID providers behave as relying parties may count on, and refuse what a real one refuses."""

import base64
import hashlib
import json
import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from litestar.testing import TestClient

from carnet.infra import clock
from carnet.sandbox.providers import provider
from carnet.sandbox.providers.app import create_sandbox_app

CALLBACK = "http://127.0.0.1:8000/connexion/retour"
SECRET = "sandbox-franceconnect-secret"
VERIFIER = "v" * 64
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


def query(**changes):
    base = {
        "client_id": "carnet-portal",
        "redirect_uri": CALLBACK,
        "response_type": "code",
        "scope": "openid identite_pivot email",
        "state": "s-123",
        "nonce": "n-456",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    return {key: value for key, value in (base | changes).items() if value is not None}


def handle_of(page):
    return re.search(r'name="request" value="([^"]+)"', page.text).group(1)


def log_in(client, persona="nour", **changes):
    page = client.get("/franceconnect/authorize", params=query(**changes))
    assert page.status_code == 200, page.text
    answer = client.post(
        "/franceconnect/choose", data={"request": handle_of(page), "login": persona}, follow_redirects=False
    )
    assert answer.status_code == 303
    return returned(answer)


def returned(answer):
    target = urlsplit(answer.headers["location"])
    return {key: values[0] for key, values in parse_qs(target.query).items()}


def redeem(client, code, **changes):
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": CALLBACK,
        "client_id": "carnet-portal",
        "client_secret": SECRET,
        "code_verifier": VERIFIER,
    }
    return client.post("/franceconnect/token", data=form | changes)


def id_claims(client, tokens, issuer="franceconnect"):
    keys = KeySet.import_key_set(client.get(f"/{issuer}/jwks").json())
    return jwt.decode(tokens["id_token"], keys, algorithms=["ES256"]).claims


def test_discovery_names_only_addresses_that_answer(client):
    found = client.get("/franceconnect/.well-known/openid-configuration").json()
    assert found["issuer"] == "http://127.0.0.1:8001/franceconnect"
    for name in ("authorization_endpoint", "jwks_uri", "userinfo_endpoint", "end_session_endpoint"):
        assert client.get(found[name], follow_redirects=False).status_code != 404, name
    assert client.post(found["token_endpoint"]).status_code == 401


def test_the_code_flow_ends_with_the_identity_pivot(client):
    back = log_in(client, acr_values="eidas2")
    assert back["state"] == "s-123"
    assert back["iss"] == "http://127.0.0.1:8001/franceconnect"
    tokens = redeem(client, back["code"]).json()
    claims = id_claims(client, tokens)
    assert claims["nonce"] == "n-456"
    assert claims["aud"] == "carnet-portal"
    assert claims["acr"] == "eidas2"
    who = client.get("/franceconnect/userinfo", headers={"Authorization": f"Bearer {tokens['access_token']}"}).json()
    assert who["sub"] == claims["sub"]
    assert who["family_name"] == "AUBÉPINE"
    assert who["given_name_array"] == ["Nour", "Inès", "Jade"]
    assert (who["birthdate"], who["gender"], who["birthplace"], who["birthcountry"]) == (
        "1994-05-17",
        "female",
        "69383",
        "99100",
    )


def test_userinfo_can_be_a_signed_token(client):
    tokens = redeem(client, log_in(client)["code"]).json()
    headers = {"Authorization": f"Bearer {tokens['access_token']}", "Accept": "application/jwt"}
    answer = client.get("/franceconnect/userinfo", headers=headers)
    keys = KeySet.import_key_set(client.get("/franceconnect/jwks").json())
    assert jwt.decode(answer.text, keys, algorithms=["ES256"]).claims["birthdate"] == "1994-05-17"


def test_sub_differs_from_client_to_client_and_stays_the_same_for_one(client):
    first = id_claims(client, redeem(client, log_in(client)["code"]).json())["sub"]
    second = id_claims(client, redeem(client, log_in(client)["code"]).json())["sub"]
    programs = id_claims(client, direct(client).json())["sub"]
    assert first == second != programs


@pytest.mark.parametrize(
    "changes",
    [
        {"redirect_uri": CALLBACK + "/"},
        {"redirect_uri": "http://127.0.0.1:8000.evil.example/connexion/retour"},
        {"client_id": "somebody"},
        {"redirect_uri": None},
    ],
)
def test_nobody_is_sent_to_an_address_that_is_not_registered(client, changes):
    page = client.get("/franceconnect/authorize", params=query(**changes), follow_redirects=False)
    assert page.status_code == 400
    assert "location" not in page.headers


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "email"}, "invalid_scope"),
        ({"nonce": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"max_age": "soon"}, "invalid_request"),
        ({"prompt": "none"}, "login_required"),
    ],
)
def test_other_mistakes_go_back_to_the_relying_party(client, changes, error):
    answer = client.get("/franceconnect/authorize", params=query(**changes), follow_redirects=False)
    assert answer.headers["location"].startswith(CALLBACK + "?")
    assert returned(answer)["error"] == error
    assert returned(answer)["state"] == "s-123"


@pytest.mark.parametrize(
    "changes",
    [
        {"code_verifier": "w" * 64},
        {"code_verifier": ""},
        {"redirect_uri": "http://127.0.0.1:8000/callback/franceconnect"},
        {"code": "guess"},
    ],
)
def test_a_code_is_worth_nothing_without_the_rest(client, changes):
    code = log_in(client)["code"]
    assert redeem(client, **({"code": code} | changes)).json()["error"] == "invalid_grant"
    assert redeem(client, code).status_code == (200 if "code" in changes else 400), "a failed try burns the code"


def test_a_code_works_once_and_not_for_long(client):
    code = log_in(client)["code"]
    assert redeem(client, code).status_code == 200
    assert redeem(client, code).json()["error"] == "invalid_grant"
    with clock.frozen(clock.now()) as time:
        late = log_in(client)["code"]
        time.advance(timedelta(seconds=61))
        assert redeem(client, late).json()["error"] == "invalid_grant"


def test_a_wrong_client_secret_is_refused_in_both_places(client):
    code = log_in(client)["code"]
    assert redeem(client, code, client_secret="wrong").status_code == 401
    assert client.post("/franceconnect/token", auth=("carnet-portal", "x"), data={"code": code}).status_code == 401
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
    assert client.post("/franceconnect/token", auth=("carnet-portal", SECRET), data=form).status_code == 200


def direct(client, issuer="franceconnect", **changes):
    form = {
        "grant_type": "password",
        "client_id": "carnet-programs",
        "username": "nour",
        "password": "bac-a-sable",
        "scope": "openid",
    }
    return client.post(f"/{issuer}/token", data=form | changes)


def test_programs_log_in_with_the_sandbox_password(client):
    tokens = direct(client).json()
    assert tokens["token_type"] == "Bearer"
    assert id_claims(client, tokens)["aud"] == "carnet-programs"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"password": "other"}, "invalid_grant"),
        ({"username": "nobody"}, "invalid_grant"),
        ({"username": "lou"}, "invalid_grant"),
        ({"client_id": "carnet-portal", "client_secret": SECRET}, "unauthorized_client"),
        ({"client_id": "unknown"}, "invalid_client"),
        ({"grant_type": "implicit"}, "unsupported_grant_type"),
    ],
)
def test_the_direct_grant_refuses(client, changes, error):
    assert direct(client, **changes).json()["error"] == error


def test_pro_sante_connect_says_who_the_professional_is(client):
    tokens = direct(client, "prosanteconnect", username="palpite").json()
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    who = client.get("/prosanteconnect/userinfo", headers=headers).json()
    assert who["SubjectNameID"] == "810999000044"
    assert who["SubjectRole"] == ["10^1.2.250.1.213.1.1.5.5"]
    assert who["SubjectOrganizationID"] == "1990000010"
    assert who["acr"] == "eidas1"
    practice = who["SubjectRefPro"]["exercices"][0]
    assert (practice["codeProfession"], practice["codeSavoirFaire"]) == ("10", "SM04")
    assert practice["activities"][0]["numeroFinessSite"] == "990000010"
    keys = KeySet.import_key_set(client.get("/prosanteconnect/jwks").json())
    access = jwt.decode(tokens["access_token"], keys, algorithms=["ES256"]).claims
    assert access["aud"] == "http://127.0.0.1:8000"
    assert access["SubjectNameID"] == who["SubjectNameID"]


def test_step_up_asks_again_and_dates_the_login(client):
    log_in(client)
    known = client.get("/franceconnect/authorize", params=query())
    assert 'name="continue"' in known.text
    again = client.get("/franceconnect/authorize", params=query(prompt="login"))
    assert 'name="continue"' not in again.text
    assert 'name="continue"' not in client.get("/franceconnect/authorize", params=query(max_age="0")).text
    forced = client.post(
        "/franceconnect/choose", data={"request": handle_of(again), "continue": "1"}, follow_redirects=False
    )
    assert forced.status_code == 200, "continuing an old session does not satisfy prompt=login"


def test_max_age_counts_from_the_last_proof(client):
    with clock.frozen(clock.now()) as time:
        log_in(client)
        first = int(clock.now().timestamp())
        time.advance(timedelta(seconds=100))
        answer = client.get(
            "/franceconnect/authorize", params=query(prompt="none", max_age="200"), follow_redirects=False
        )
        assert id_claims(client, redeem(client, returned(answer)["code"]).json())["auth_time"] == first
        answer = client.get(
            "/franceconnect/authorize", params=query(prompt="none", max_age="50"), follow_redirects=False
        )
        assert returned(answer)["error"] == "login_required"


def test_logout_ends_the_session_and_returns_only_where_registered(client):
    log_in(client)
    out = client.get(
        "/franceconnect/session/end",
        params={"post_logout_redirect_uri": "http://127.0.0.1:8000/", "state": "bye"},
        follow_redirects=False,
    )
    assert out.headers["location"] == "http://127.0.0.1:8000/?state=bye"
    again = client.get("/franceconnect/authorize", params=query(prompt="none"), follow_redirects=False)
    assert returned(again)["error"] == "login_required"
    page = client.get("/franceconnect/session/end", params={"post_logout_redirect_uri": "https://evil.example/"})
    assert page.status_code == 200


def test_cancelling_tells_the_relying_party(client):
    page = client.get("/franceconnect/authorize", params=query())
    answer = client.post(
        "/franceconnect/choose", data={"request": handle_of(page), "cancel": "1"}, follow_redirects=False
    )
    assert returned(answer)["error"] == "access_denied"


def test_the_page_can_be_searched_and_read_in_english(client):
    page = client.get("/franceconnect/authorize", params=query(), headers={"Accept-Language": "en-GB,en;q=0.9"})
    assert '<html lang="en">' in page.text
    assert "Choose a persona" in page.text
    narrowed = client.get("/franceconnect/choose", params={"request": handle_of(page), "q": "infarctus"})
    assert narrowed.text.count('name="login"') == 1
    assert "D&#39;Oliveverte" in narrowed.text


def test_an_access_token_of_one_provider_is_nothing_to_the_other(client):
    token = direct(client).json()["access_token"]
    assert client.get("/prosanteconnect/userinfo", headers={"Authorization": f"Bearer {token}"}).status_code == 401


def test_expired_forged_and_id_tokens_are_refused_by_userinfo(client):
    tokens = direct(client).json()

    def ask(token):
        return client.get("/franceconnect/userinfo", headers={"Authorization": f"Bearer {token}"}).status_code

    head, body, signature = tokens["access_token"].split(".")
    assert ask(tokens["access_token"]) == 200
    assert ask(tokens["id_token"]) == 401
    assert ask(f"{head}.{body}.{signature[::-1]}") == 401
    none = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    assert ask(f"{none}.{body}.") == 401
    with clock.frozen(clock.now() + timedelta(hours=1)):
        assert ask(tokens["access_token"]) == 401


def test_keys_survive_a_restart(settings, client):
    before = client.get("/franceconnect/jwks").json()
    assert "d" not in before["keys"][0]
    with TestClient(create_sandbox_app(settings)) as again:
        assert again.get("/franceconnect/jwks").json() == before
    assert (settings.home / "keys" / "franceconnect.json").stat().st_mode & 0o777 == 0o600


def _wrong_verifier_is_refused(client):
    return redeem(client, log_in(client)["code"], code_verifier="w" * 64).status_code == 400


def _a_code_works_once(client):
    code = log_in(client)["code"]
    redeem(client, code)
    return redeem(client, code).status_code == 400


def _an_old_session_does_not_pass_for_a_new_proof(client):
    log_in(client)
    return 'name="continue"' not in client.get("/franceconnect/authorize", params=query(prompt="login")).text


def _a_forged_token_is_refused(client):
    head, body, signature = direct(client).json()["access_token"].split(".")
    headers = {"Authorization": f"Bearer {head}.{body}.{signature[::-1]}"}
    return client.get("/franceconnect/userinfo", headers=headers).status_code == 401


class _Unforgetting(dict):
    def pop(self, key, default=None):
        return self.get(key, default)


def _accept_any_verifier(patch):
    patch.setattr(provider, "_proves", lambda verifier, challenge: True)


def _keep_codes(patch):
    start = provider.OpenIdProvider.__init__

    def forgetful(self, **given):
        start(self, **given)
        self._codes = _Unforgetting()

    patch.setattr(provider.OpenIdProvider, "__init__", forgetful)
    patch.setattr(provider.OpenIdProvider, "_forget_old", lambda self: None)


def _continue_any_session(patch):
    patch.setattr(provider.OpenIdProvider, "usable_session", lambda self, request, session: self._sessions.get(session))


def _skip_signatures(patch):
    def read(self, token):
        body = token.split(".")[1]
        return json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))

    patch.setattr(provider.OpenIdProvider, "_verified", read)


@pytest.mark.parametrize(
    ("check", "fault"),
    [
        (_wrong_verifier_is_refused, _accept_any_verifier),
        (_a_code_works_once, _keep_codes),
        (_an_old_session_does_not_pass_for_a_new_proof, _continue_any_session),
        (_a_forged_token_is_refused, _skip_signatures),
    ],
)
def test_each_control_is_seen_when_it_is_missing(settings, monkeypatch, check, fault):
    with TestClient(create_sandbox_app(settings), base_url=settings.base_url) as sound:
        assert check(sound)
    fault(monkeypatch)
    with TestClient(create_sandbox_app(settings), base_url=settings.base_url) as broken:
        assert not check(broken)
