"""Texts that would hide, reverse or climb are refused; the rest is kept as it is."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carnet.records.rules import declared_texts
from carnet.records.rules.findings import Findings


def problem_of_title(text):
    findings = Findings(path="p")
    declared_texts.title(text, element="title", findings=findings)
    return [problem.code for problem in findings.problems]


@pytest.mark.parametrize(
    "title",
    [
        "Bilan",
        "CR / Bilan 12/05",
        "Compte rendu n° 1.pdf",
        "D'Arcy — suite…",
        "x" * 255,
        "Résultats (2)",
        "A.B.C",
        "l'été 🌞",
    ],
)
def test_titles_people_write(title):
    assert problem_of_title(title) == []


@pytest.mark.parametrize(
    ("title", "problem"),
    [
        ("", "title-length"),
        ("   ", "title-length"),
        ("x" * 256, "title-length"),
        ("a\nb", "title-characters"),
        ("a\x00b", "title-characters"),
        ("a\u200bb", "title-characters"),
        ("a\u202eb", "title-characters"),
        ("a\u2066b", "title-characters"),
        ("a\ufeffb", "title-characters"),
        ("a\ud800b", "title-characters"),
        ("..", "title-path"),
        ("../x", "title-path"),
        ("x/../y", "title-path"),
        ("x\\..\\y", "title-path"),
        ("/etc/passwd", "title-path"),
        ("\\\\serveur\\part", "title-path"),
        ("C:\\x", "title-path"),
        ("~root", "title-path"),
        ("%2e%2e%2fx", "title-path"),
    ],
)
def test_titles_that_hide_or_climb(title, problem):
    assert problem_of_title(title) == [problem]


@given(st.text(max_size=400))
def test_any_text_becomes_something_that_may_be_shown(text):
    cut = declared_texts.shown(text)
    assert len(cut) <= 255
    assert problem_of_title(cut) in ([], ["title-length"], ["title-path"])


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("urn:oid:1.2.3^A", "1.2.3^A", True),
        ("urn:uuid:ABCDEF01-0000-4000-8000-000000000000", "abcdef01-0000-4000-8000-000000000000", True),
        ("1.2.3^A", "1.2.3^a", False),
        ("1.2.3", "1.2.3^1", False),
    ],
)
def test_identifiers_have_many_spellings(one, other, same):
    assert declared_texts.same_identifier(one, other) is same


@pytest.mark.parametrize(("minutes", "refused"), [(-1, False), (4, False), (5, False), (6, True)])
def test_the_future_begins_after_the_tolerance(minutes, refused):
    at = dt.datetime(2026, 11, 21, tzinfo=dt.UTC)
    findings = Findings(path="p")
    declared_texts.not_in_future(
        at + dt.timedelta(minutes=minutes),
        at=at,
        tolerance=dt.timedelta(minutes=5),
        element="creation",
        findings=findings,
    )
    assert bool(findings.problems) is refused
