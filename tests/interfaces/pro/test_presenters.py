"""What the pages decide to show, and that they speak two complete languages in one look."""

import datetime as dt
import re
from pathlib import Path

import pytest

from carnet.design.environment import STATIC
from carnet.design.language import Language
from carnet.design.messages import english, missing
from carnet.identity.api import IdentityTraits, Ins, Sex
from carnet.interfaces.pro.presenters.deposit import errors_of, present_deposit
from carnet.interfaces.pro.presenters.documents import ListQuery, window_of
from carnet.interfaces.pro.presenters.patient import Banner, present_banner
from carnet.interfaces.pro.presenters.troubles import TROUBLES, present_trouble
from carnet.interfaces.pro.setting import HERE, language_for
from carnet.journeys.api import Patient
from carnet.kernel.errors import Problem
from carnet.spaces.api import Person
from factories.at_work import Screen

FR, EN = language_for("fr"), language_for("en")
AT = dt.datetime(2026, 11, 21, 10, 0, tzinfo=dt.UTC)


def banner(language: Language = FR, **traits) -> Banner:
    known = {"birth_name": "Le Goff", "given_names": ("Anaïs", "Inès"), "sex": Sex.FEMALE, "birth_date": "1985-05-03"}
    person = Person(ins=Ins("x", "y"), traits=IdentityTraits(**(known | traits)))
    patient = Patient(space=None, person=person, standing="to_ask")
    return present_banner(language=language, patient=patient, handle="h", at=AT)


@pytest.mark.parametrize(
    ("born", "said", "age"),
    [
        ("1985-05-03", "née le 3 mai 1985", "41 ans"),
        ("1985-11-21", "née le 21 nov. 1985", "41 ans"),
        ("1985-11-22", "née le 22 nov. 1985", "40 ans"),
        ("2025-09-30", "née le 30 sept. 2025", "13 mois"),
        ("2026-10-22", "née le 22 oct. 2026", "30 jours"),
        ("2026-11-21", "née le 21 nov. 2026", "0 jour"),
        ("1985-05", "naissance\u00a0: mai 1985", ""),
        ("1985", "naissance\u00a0: 1985", ""),
        (None, "date de naissance inconnue", ""),
    ],
)
def test_birth_and_age_are_said_as_far_as_they_are_known(born, said, age):
    shown = banner(birth_date=born)
    assert (shown.born, shown.age) == (said, age)


def test_the_birth_name_comes_first_and_the_name_in_use_only_when_another():
    assert (banner().name, banner().given, banner().usual) == ("LE GOFF", "Anaïs, Inès", "")
    assert banner(usual_name="Le Goff").usual == ""
    assert banner(usual_name="Martin").usual == "Martin"
    assert banner(EN, sex=Sex.UNKNOWN).sex == "Sex not stated"


def test_periods_reach_back_by_whole_months():
    assert window_of("", AT).date() == dt.date(2024, 11, 21)
    assert window_of("6m", dt.datetime(2026, 3, 31, tzinfo=dt.UTC)).date() == dt.date(2025, 9, 28)
    assert window_of("tout", AT) is None


def test_a_change_of_filter_returns_to_the_top():
    query = ListQuery(category="BIOLOGIE", words="sang", after="1-00")
    assert query.address("/p", period="tout") == "/p?categorie=BIOLOGIE&periode=tout&q=sang"
    assert query.address("/p", after="2-00") == "/p?categorie=BIOLOGIE&q=sang&apres=2-00"


def test_no_kind_of_document_is_offered_twice_nor_one_that_patients_write():
    page = present_deposit(language=FR, banner=banner(), today=AT.date(), max_bytes=10)
    codes = [option.value for group in page.types for option in group.options]
    assert len(codes) == len(set(codes)) > 90
    assert not [code for code in codes if code.startswith("DOCPAT")]
    assert [option.value for option in page.visibilities if option.chosen] == ["N"]


def test_a_problem_is_shown_beside_its_field_the_first_of_each():
    problems = (
        Problem("a", "Une date", "A date", "DocumentReference.content[0].attachment.creation"),
        Problem("b", "Un fichier", "A file", "DocumentReference.content[0].attachment"),
        Problem("c", "Autre", "Other", None),
        Problem("d", "Un type", "A type", "DocumentReference.type"),
    )
    assert [(one.field, one.text) for one in errors_of(problems, FR)] == [
        ("fichier", "Un fichier"),
        ("type", "Un type"),
        ("date", "Une date"),
    ]


@pytest.mark.parametrize("status", [*TROUBLES, 405, 418, 422, 502, 599])
def test_every_status_has_its_sentence(status):
    page = present_trouble(language=EN, status=status, signed_in=True)
    assert page.heading
    assert page.actions[0].href == "/pro/patient"


def test_english_is_complete():
    assert missing(HERE) == {}
    assert len(english(HERE)) > 100


def test_a_sentence_without_english_would_be_seen(tmp_path):
    folder = tmp_path / "locale/en/LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "carnet.po").write_text('msgid ""\nmsgstr ""\n"Language: en\\n"\n')
    (tmp_path / "page.html").write_text("{{ _('Bonjour à vous') }}")
    assert "Bonjour à vous" in missing(tmp_path)


def test_dark_is_the_same_twice_and_every_icon_exists():
    sheet = (STATIC / "pro.css").read_text()
    system = re.search(r'data-theme="light"\]\) \{(.*?)\}', sheet, re.DOTALL)
    chosen = re.search(r'data-theme="dark"\] \{(.*?)\}', sheet, re.DOTALL)
    assert system.group(1).split() == chosen.group(1).split()
    sprite = set(re.findall(r'<symbol id="([^"]+)"', (STATIC / "icons.svg").read_text()))
    sources = "".join(path.read_text() for path in Path(HERE).rglob("*.py"))
    named = set(re.findall(r', "([a-z]+(?:-[a-z]+)?)"(?:, "(?:primary|secondary|quiet)")?\)', sources))
    assert {name for name in named if name in {"search", "lock", "unlock", "upload", "download", "eye"}} <= sprite


async def test_language_and_appearance_are_kept_and_lead_back_here_only(app, doctor):
    answer = await doctor.post("/pro/preferences", {"langue": "en", "retour": "/pro/compte"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/pro/compte")
    page = await doctor.get("/pro/compte")
    assert '<html lang="en"' in page.text
    assert "Who works here" in page.text
    await doctor.post("/pro/preferences", {"theme": "dark"})
    assert 'data-theme="dark"' in (await doctor.get("/pro/patient")).text

    for elsewhere in ("https://evil.test/pro", "//evil.test", "/\\evil.test", "/documents", "", "/pro\r\nX: y"):
        answer = await doctor.post("/pro/preferences", {"langue": "fr", "retour": elsewhere})
        assert answer.headers["location"] == "/pro"
    odd = await doctor.post("/pro/preferences", {"langue": "xx", "theme": "<script>"})
    assert "set-cookie" not in odd.headers
    foreign = await doctor.post("/pro/preferences", {"langue": "en"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert foreign.status_code == 403


async def test_the_browsers_language_is_a_fair_guess(app):
    for asked, shown in (("en-GB,fr;q=0.5", "en"), ("de,en", "en"), ("fr", "fr"), ("xx", "fr")):
        visitor = Screen(app, None, None, **{"Accept-Language": asked})
        assert f'<html lang="{shown}"' in (await visitor.get("/pro")).text
        await visitor.close()


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("?motif=idle", "sans activité"),
        ("?motif=not_recognised&detail=not-practising-there", "que vous exercez dans cette structure"),
        ("?motif=signed_out", "Votre session est fermée"),
    ],
)
async def test_the_first_page_says_why_one_is_here_again(app, query, said):
    visitor = Screen(app, None, None)
    assert said in (await visitor.get(f"/pro{query}")).text
    odd = await visitor.get("/pro?motif=<script>&detail=<b>")
    assert "<b>" not in odd.text
    await visitor.close()


async def test_who_is_in_goes_on_and_sees_their_sessions(app, doctor):
    assert (await doctor.get("/pro")).headers["location"] == "/pro/patient"
    second = await Screen.of(app, doctor.actor)
    assert (await second.get("/pro/compte")).text.count("Firefox, Linux") == 2
    assert (await second.post("/pro/compte/sessions")).status_code == 303
    assert (await doctor.get("/pro/patient")).headers["location"] == "/pro?motif=idle"
    assert (await second.get("/pro/compte")).text.count("Firefox, Linux") == 1
    await second.close()
