"""An address that does not exist: a page for people, a word for programs, the same for everybody."""

import httpx
import pytest

from carnet.config.docs import every_door


@pytest.fixture(scope="module")
def ask(tmp_path_factory):
    transport = httpx.ASGITransport(app=every_door(tmp_path_factory.mktemp("doors")))

    async def send(path, method="GET", **headers):
        async with httpx.AsyncClient(transport=transport, base_url="http://carnet.test", headers=headers) as client:
            return await client.request(method, path)

    return send


@pytest.mark.parametrize(
    ("path", "language", "words"),
    [
        ("/nulle-part", "fr", "Cette page n'existe pas"),
        ("/documents/pas-un-document", "en", "This page does not exist"),
        ("/pro/nulle-part", "fr", "Rien à cette adresse"),
    ],
)
async def test_people_get_a_page(ask, path, language, words):
    answer = await ask(path, **{"accept-language": language})
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert words in answer.text.replace("&#39;", "'").replace("’", "'"), answer.text[-3000:]


async def test_nobody_looked_who_is_signed_in_so_nobody_is_told_to_sign_in(ask):
    answer = await ask("/nulle-part", cookie=f"__Host-carnet={'a' * 43}")
    assert "/connexion" not in answer.text
    assert "/connexion" in (await ask("/")).text


async def test_a_wrong_method_is_a_page_too_and_says_which_are_right(ask):
    answer = await ask("/accueil", "DELETE")
    assert (answer.status_code, answer.headers["content-type"]) == (405, "text/html; charset=utf-8")
    assert "GET" in answer.headers["allow"]


@pytest.mark.parametrize("path", ["/oauth/nowhere", "/journal/nowhere", "/.well-known/nowhere", "/static/nowhere.css"])
async def test_programs_get_a_word(ask, path):
    answer = await ask(path)
    assert (answer.status_code, answer.json()) == (404, {"error": "Not Found"})


@pytest.mark.parametrize(
    ("path", "allow"),
    [
        ("/fhir", "OPTIONS, POST"),
        ("/fhir/metadata", "GET, OPTIONS"),
        ("/fhir/DocumentReference", "GET, OPTIONS, POST"),
        ("/fhir/DocumentReference/a", "DELETE, GET, OPTIONS, PATCH"),
    ],
)
async def test_software_that_asks_what_is_offered_is_told_that_and_no_more(ask, path, allow):
    told = await ask(path, "OPTIONS")
    assert (told.status_code, told.headers["allow"], told.content) == (204, allow, b"")
    refused = await ask(path, "PUT")
    assert (refused.status_code, refused.headers["allow"]) == (405, allow)


async def test_nothing_is_offered_where_nothing_is(ask):
    assert (await ask("/fhir/Patient/a", "OPTIONS")).status_code == 404
