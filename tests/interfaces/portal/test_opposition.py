"""Saying no without an account, at the address the letter prints; the receipt; changing one's mind; guessing."""

import datetime as dt
import itertools
import re

import psycopg
import pypdfium2
import pytest

from carnet.infra import clock
from carnet.infra.installation import current
from carnet.spaces.actions import proving
from carnet.spaces.api import find_space
from factories.beneficiaries import line
from factories.enrolled import enrolled, ins_of
from interfaces.portal.conftest import WEB, words

_numbers = itertools.count(6_001, 6)
PASS = WEB.pass_cookie


@pytest.fixture(autouse=True)
def nobody_guessed(house):
    with psycopg.connect(house.url("postgres"), autocommit=True) as conn:
        conn.execute("TRUNCATE carnet.code_failure")


class Visitor:
    """A browser without a session: keeps its pass, follows redirections by hand."""

    def __init__(self, client):
        self.client, self.kept = client, {}

    async def ask(self, method, path, **given):
        self.client.cookies.clear()
        headers = {"cookie": "; ".join(f"{name}={value}" for name, value in self.kept.items())}
        answer = await self.client.request(method, path, headers=headers, follow_redirects=False, **given)
        self.kept |= dict(answer.cookies.items())
        return answer

    async def page(self, path):
        answer = await self.ask("GET", path)
        assert answer.status_code == 200, (path, answer.status_code)
        return words(answer.text)

    async def prove(self, code, born, path="/opposition", **more):
        return await self.ask("POST", path, data={"code": code, "naissance": born, **more})

    async def proved(self, code, number):
        answer = await self.prove(code, french(number))
        assert (answer.status_code, answer.headers["location"]) == (303, "/opposition/dire")
        return self


@pytest.fixture
def visitor(client):
    return lambda: Visitor(client)


def french(number):
    return "/".join(reversed(line(number).split(";")[5].split("-")))


def state_of(house, number):
    ins = ins_of(number)
    digest = current().index_key.ins_digest(matricule=ins.matricule, oid=ins.oid)
    with psycopg.connect(house.url("postgres")) as conn:
        return conn.execute("SELECT state FROM carnet.enrolment WHERE ins_digest = %s", (digest,)).fetchone()[0]


async def test_no_then_yes_with_a_receipt_anybody_can_check(house, visitor):
    number = next(_numbers)
    code = (await enrolled(house, number))[number]
    somebody = visitor()
    form = await somebody.ask("GET", "/opposition")
    assert 'name="code"' in form.text
    assert 'name="naissance"' in form.text
    assert "<script" not in re.sub(r"<script src=[^>]+>", "", form.text)
    await somebody.proved(code.lower().replace("-", " "), number)
    assert "Je ne veux pas d'espace" in await somebody.page("/opposition/dire")
    assert state_of(house, number) == "NOTIFIED"  # nothing is recorded before they say so
    with psycopg.connect(house.url("postgres"), autocommit=True) as conn:
        ours = (current().index_key.ins_digest(matricule=ins_of(number).matricule, oid=ins_of(number).oid),)
        conn.execute("UPDATE carnet.enrolment SET opens_at = '2030-03-01T23:30Z' WHERE ins_digest = %s", ours)
    assert "samedi 2 mars 2030" in await somebody.page("/opposition/dire")  # the day in Paris, as the letter says
    said = await somebody.ask("POST", "/opposition/refuser")
    assert state_of(house, number) == "OPPOSED"
    page = (await somebody.ask("GET", said.headers["location"])).text
    address = re.search(r'href="(/opposition/recepisse[^"]+)"', page)[1]
    paper = await visitor().ask("GET", address)
    shown = pypdfium2.PdfDocument(paper.content)[0].get_textpage().get_text_bounded()
    token = re.sub(r"\s", "", re.search(r"Numéro du récépissé((?:\s+[A-Z2-7]{1,5}\b)+)", shown)[1])
    assert token in address
    assert not {"ZOE", *line(number).split(";")[:3]} & set(shown.split())  # it names nobody
    assert "authentique" in await visitor().page(f"/verifier?jeton={token.lower()}")
    assert "pas celui" in await visitor().page(f"/verifier?jeton={token[:-3]}AAA")
    assert (await visitor().ask("GET", "/opposition/recepisse?jeton=AAAA")).status_code == 404
    # said twice: the same receipt; and taken back: open at once, no refusing after that
    again = await somebody.ask("POST", "/opposition/refuser")
    assert again.headers["location"] == said.headers["location"]
    back = await somebody.ask("POST", "/opposition/revenir")
    assert "revenue" in await visitor().page("/verifier?jeton=" + back.headers["location"].partition("=")[2])
    assert await find_space(ins_of(number)) is not None
    assert (await somebody.ask("POST", "/opposition/refuser")).status_code == 400
    assert "Votre espace est ouvert" in await somebody.page("/opposition/dire")


async def test_every_wrong_try_is_one_answer_and_a_guesser_waits(house, visitor, monkeypatch):
    ours, other = next(_numbers), next(_numbers)
    codes = await enrolled(house, ours, other)
    stranger = visitor()
    answers = {
        re.sub(r'value="[^"]*"', "", (await stranger.prove(code, born)).text)
        for code, born in (
            ("2222-2222-2222", french(ours)),  # nobody's code
            (codes[ours], "01/01/1900"),  # somebody's, another birth date
            (codes[other], french(ours) + "x"),
            ("not a code", "not a day"),
            ("", ""),
        )
    }
    assert len(answers) == 1
    assert PASS not in stranger.kept
    for _ in range(5):
        assert (await stranger.prove("2222-2222-2222", "01/01/1900")).status_code == 400
    assert (await stranger.prove(codes[ours], french(ours))).status_code == 400  # right, but the source has to wait
    with clock.frozen(clock.now() + dt.timedelta(hours=2)):
        assert (await stranger.prove(codes[ours], french(ours))).status_code == 303

    async def uncounted(*_, **__):
        return 0

    # planted fault: without the count of failures, guessing would go on
    monkeypatch.setattr(proving, "count_failure", uncounted)
    with clock.frozen(clock.now() + dt.timedelta(hours=4)):
        for _ in range(12):
            await stranger.prove("2222-2222-2222", "01/01/1900")
        assert (await stranger.prove(codes[other], french(other))).status_code == 303


async def test_a_pass_is_one_persons_for_a_quarter_of_an_hour(house, visitor):
    number = next(_numbers)
    code = (await enrolled(house, number))[number]
    somebody = await visitor().proved(code, number)
    at = clock.now()
    for away in (dt.timedelta(minutes=16), dt.timedelta(days=-1)):  # over; or the clock jumped back
        with clock.frozen(at + away):
            answer = await somebody.ask("POST", "/opposition/refuser")
            assert answer.headers["location"] == "/opposition"
    forged = visitor()
    forged.kept[PASS] = somebody.kept[PASS][:-8] + "AAAAAAAA"
    assert (await forged.ask("POST", "/opposition/refuser")).headers["location"] == "/opposition"
    with clock.frozen(at + dt.timedelta(days=43)):  # and the code itself lives six weeks
        assert (await somebody.prove(code, french(number))).status_code == 400
    assert state_of(house, number) == "NOTIFIED"


async def test_twins_homonyms_children_and_people_who_died(house, visitor):
    twins = [next(_numbers), next(_numbers)]
    born = "2010-05-05"
    codes = await enrolled(house, *twins, date_naissance=born, nom_naissance="JUMEAU", prenoms="LEA", representants="")
    one = visitor()
    assert (await one.prove(codes[twins[0]], "05/05/2010")).status_code == 303
    assert "Lea" in (await one.page("/opposition/dire")).title()
    await one.ask("POST", "/opposition/refuser")
    assert [state_of(house, number) for number in twins] == ["OPPOSED", "NOTIFIED"]
    dead = next(_numbers)
    code = (await enrolled(house, dead))[dead]
    kept = await visitor().proved(code, dead)
    await enrolled(house, dead, evenement="deces")
    assert state_of(house, dead) == "DECEASED"
    assert (await kept.ask("POST", "/opposition/refuser")).status_code == 400  # the pass was for somebody alive
    assert (await visitor().prove(code, french(dead))).status_code == 400


async def test_another_site_cannot_say_it_for_somebody(house, visitor):
    number = next(_numbers)
    somebody = await visitor().proved((await enrolled(house, number))[number], number)
    somebody.client.headers["origin"] = "https://evil.example"
    try:
        assert (await somebody.ask("POST", "/opposition/refuser")).status_code == 403
    finally:
        del somebody.client.headers["origin"]
    assert state_of(house, number) == "NOTIFIED"


async def test_the_visit_shows_nobody_and_reads_nothing(visitor):
    pages = [await visitor().page(f"/visite/{step}") for step in range(1, 5)]
    assert all("fictive" in page for page in pages)
    assert len(set(pages)) == 4
    assert (await visitor().ask("GET", "/visite/5")).status_code == 404
    assert (await visitor().ask("POST", "/visite")).status_code == 405
