"""What may be written in an agenda, and on which day it is told of, by the clock where the person lives."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carnet.agenda.api import Kind, Said, Words
from carnet.agenda.rules.due import due_between, is_due
from carnet.agenda.rules.entries import check_said, told_on
from carnet.kernel.errors import Invalid

AT = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
ZONES = ("Europe/Paris", "Indian/Reunion", "America/Guadeloupe", "Pacific/Noumea", "Pacific/Tahiti")
PARTY = Words(party="Dr Roux")


def appointment(day="2026-11-30", hour="14:05", words=PARTY):
    return Said(kind=Kind.APPOINTMENT, day=day, hour=hour, words=words)


def reminder(day="2026-11-30", words=Words(title="Ordonnance")):  # noqa: B008 - frozen
    return Said(kind=Kind.REMINDER, day=day, words=words)


def codes(said, zone="Europe/Paris", at=AT):
    with pytest.raises(Invalid) as refused:
        check_said(said, zone=zone, at=at)
    return [one.code for one in refused.value.problems]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (appointment(words=Words(party="  ")), ["agenda-party"]),
        (appointment(words=Words(party="Dr", title="x" * 101)), ["agenda-long"]),
        (appointment(words=Words(party="Dr", note="x" * 1001)), ["agenda-long"]),
        (appointment(day="2026-02-30", hour="25:00"), ["agenda-day", "agenda-hour"]),
        (appointment(day="2126-01-01"), ["agenda-far"]),
        (appointment(day="1826-01-01"), ["agenda-far"]),
        (appointment(day="2027-03-28", hour="02:30"), ["agenda-skipped"]),
        (reminder(words=Words()), ["agenda-title"]),
        (reminder(day="2026-11-21"), ["agenda-past"]),
        (reminder(day=""), ["agenda-day"]),
    ],
)
def test_what_is_wrong_is_said(said, expected):
    assert codes(said) == expected


def test_a_past_appointment_may_be_noted_and_words_are_trimmed():
    written = check_said(
        appointment(day="2026-10-02", words=Words(party="  Dr   Roux ", note=" a\n  b ")), zone="Europe/Paris", at=AT
    )
    assert (written.words.party, written.words.note) == ("Dr Roux", "a\nb")
    assert written.starts_at == dt.datetime(2026, 10, 2, 12, 5, tzinfo=dt.UTC)


@given(
    day=st.dates(dt.date(2026, 11, 23), dt.date(2030, 12, 31)), zone=st.sampled_from(ZONES), kind=st.sampled_from(Kind)
)
def test_it_is_told_on_the_right_day_of_that_place_in_its_morning_and_no_later(day, zone, kind):
    where = ZoneInfo(zone)
    hour = "" if kind is Kind.REMINDER else "12:00"
    words = Words(title="x", party="y")
    written = check_said(Said(kind=kind, day=day.isoformat(), hour=hour, words=words), zone=zone, at=AT)
    told = day - dt.timedelta(days=kind is Kind.APPOINTMENT)
    assert written.due_at == told_on(kind, written.starts_at, zone=zone)
    due = written.due_at.astimezone(where)
    assert (due.date(), due.time()) == (told, dt.time())
    for local, expected in (((0, 30), False), ((9, 0), True), ((22, 0), True)):
        assert is_due(written.due_at, at=dt.datetime.combine(told, dt.time(*local), where)) is expected
    for days in (-1, 1):
        other = dt.datetime.combine(told + dt.timedelta(days=days), dt.time(9), where)
        assert not is_due(written.due_at, at=other)
    after, until = due_between(AT)
    assert after < until < AT
