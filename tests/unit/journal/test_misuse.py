"""The misuse rules: each rings on what it is for, and on nothing an ordinary day holds."""

import datetime as dt
import uuid

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from carnet.journal.rules.misuse import EXPLAINED, Row, Thresholds, find_misuse

AT = dt.datetime(2026, 11, 20, 9, tzinfo=dt.UTC)
SPACES = [uuid.UUID(int=one) for one in range(1, 200)]


def row(number, *, minutes=0.0, **changes):
    return Row(
        **{
            "space": SPACES[number],
            "seq": number + 1,
            "at": AT + dt.timedelta(minutes=minutes),
            "act": "read-document",
            "outcome": "done",
            "ground": "authorised-professional",
            "actor_kind": "professional",
            "actor_id": "dr",
            "organisation": "clinic",
        }
        | changes
    )


def feed(number, minutes=-600.0):
    return row(number, minutes=minutes, act="deposit-document", actor_kind="software", actor_id="lps")


def rules(rows):
    return [alert.rule for alert in find_misuse(rows, thresholds=Thresholds())]


def test_an_ordinary_day_rings_nothing():
    visits = [one for number in range(25) for one in (feed(number), row(number, minutes=number * 15))]
    assert rules(visits) == []


def test_reading_without_any_sign_of_care():
    assert rules([row(1), row(1, minutes=5)]) == ["no-sign-of-care"]
    assert rules([row(1), feed(1)]) == []
    given_by_the_person = row(1, act="authorise", actor_kind="person", actor_id="me", organisation=None, grantee="dr")
    assert rules([row(1), given_by_the_person]) == []
    given_to_another = row(1, act="authorise", actor_kind="person", actor_id="me", organisation=None, grantee="other")
    assert rules([row(1), given_to_another]) == ["no-sign-of-care"]


def test_a_burst_of_people():
    known = [feed(number) for number in range(60)]
    assert rules(known + [row(number, minutes=number) for number in range(40)]) == ["burst"]
    assert rules(known + [row(number, minutes=number * 5) for number in range(40)]) == []


def test_emergencies_again_and_again():
    broken = [row(number, minutes=number * 600, ground="bris-de-glace") for number in range(4)]
    assert rules(broken) == ["repeated-emergencies"]
    assert rules(broken[:2]) == []


def test_searching_for_people_one_after_another():
    assert rules([row(number, minutes=number, act="find-patient") for number in range(25)]) == ["probing"]
    assert rules([row(number, minutes=number * 10, act="find-patient") for number in range(25)]) == []


def test_a_namesake_who_was_not_let_in_by_the_person():
    came = row(1, act="first-access", alike="surname")
    assert rules([feed(1), came, row(1, minutes=5)]) == ["same-surname"]
    let_in = row(1, minutes=-5, act="authorise", actor_kind="person", actor_id="me", organisation=None, grantee="dr")
    assert rules([let_in, came, row(1, minutes=5)]) == []
    assert rules([feed(1), row(1, act="first-access"), row(1, minutes=5)]) == [], "no namesake"
    (alert,) = find_misuse([feed(1), came, row(1, minutes=5), feed(2), row(2)], thresholds=Thresholds())
    assert len(alert.rows) == 2, "only what they did in that space"


def test_somebody_at_whose_door_the_directory_shows_them():
    came, given = row(1, act="first-access", alike="surname address"), {"act": "authorise", "actor_kind": "person"}
    assert rules([came, row(1, minutes=5)]) == ["same-address", "same-surname", "no-sign-of-care"]
    alerts = find_misuse([came, row(1, minutes=5), row(2)], thresholds=Thresholds())
    (alert,) = [one for one in alerts if one.rule == "same-address"]
    assert alert.rows == ((SPACES[1], 2), (SPACES[1], 2)), "only what they did in that space"
    assert rules([feed(1), came, row(1, minutes=5)]) == ["same-surname"], "a practice in the house where they live"
    let_in = row(1, minutes=-5, actor_id="me", organisation=None, grantee="dr", **given)
    assert rules([let_in, came, row(1, minutes=5)]) == []
    assert rules([feed(1), row(1, act="first-access"), row(1, minutes=5)]) == [], "next door"


def test_one_home_looked_through():
    def came(number, **changes):
        return row(number, minutes=number * 500, act="first-access", home="a", **changes)

    (alert,) = find_misuse([came(1), came(2), came(3)], thresholds=Thresholds())
    assert (alert.rule, len(alert.rows)) == ("one-home", 3)
    assert rules([came(1), came(2)]) == [], "a couple"
    assert rules([came(1), came(1), came(2)]) == [], "one of them twice"
    assert rules([came(1), came(2), came(3), feed(3)]) == [], "a family whose doctor wrote something of one"
    assert rules([came(1), came(2), msgspec.structs.replace(came(3), home="b")]) == [], "the neighbours"
    crash = [msgspec.structs.replace(came(number), act="open-emergency") for number in (1, 2, 3)]
    assert rules(crash) == [], "an accident: emergencies have their own review"


def test_numbers_asked_for_in_their_order():
    found = [row(number, minutes=number, act="find-patient", near="a") for number in range(4)]
    nobody = [
        row(number, minutes=number, act="find-patient", near="a", outcome="refused", space=uuid.uuid4(), seq=0)
        for number in range(6)
    ]
    (alert,) = find_misuse([*found, *nobody], thresholds=Thresholds())
    assert (alert.rule, len(alert.rows)) == ("number-order", 10)
    assert {(one.space, one.seq) for one in (*found, *nobody)} == set(alert.rows)
    assert rules([*found, *nobody[:5]]) == []
    assert rules([msgspec.structs.replace(one, near=str(place)) for place, one in enumerate((*found, *nobody))]) == []
    again = [row(1, minutes=minute, act="find-patient", near="a") for minute in range(12)]
    assert rules([*again]) == [], "one person asked for again and again is one"


@given(st.permutations([row(1), row(1, minutes=5), row(2, minutes=9), feed(2)]))
def test_the_order_of_rows_changes_nothing(rows):
    (alert,) = find_misuse(rows, thresholds=Thresholds())
    assert alert.rows == ((SPACES[1], 2), (SPACES[1], 2))


@pytest.mark.parametrize("rule", EXPLAINED)
def test_every_rule_is_explained(rule):
    assert len(EXPLAINED[rule]) > 40
