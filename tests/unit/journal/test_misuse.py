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


def test_reading_for_an_heir_was_looked_at_by_the_desk():
    assert rules([row(1, ground="heirs-request"), row(1, minutes=5, ground="heirs-request")]) == []


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


HOUR = 60.0
# rule -> how many, within how many minutes, and what each row is
MEASURES = {
    "burst": (30, HOUR, {}),
    "repeated-emergencies": (3, 7 * 24 * HOUR, {"ground": "bris-de-glace"}),
    "probing": (20, HOUR, {"act": "find-patient"}),
    "number-order": (10, HOUR, {"act": "find-patient", "near": "a"}),
    "one-home": (3, 31 * 24 * HOUR, {"act": "first-access", "home": "a"}),
}


def spread(rule, count, within):
    """Rows of what a rule looks for, the first and the last `within` minutes apart."""
    more = MEASURES[rule][2]
    rows = [row(number, minutes=within * number / (count - 1), **more) for number in range(count)]
    return rows + ([feed(number) for number in range(count)] if rule == "burst" else [])


@pytest.mark.parametrize("rule", MEASURES)
def test_a_rule_rings_from_its_number_on_within_its_time(rule):
    count, within, _ = MEASURES[rule]
    (alert,) = find_misuse(spread(rule, count, within), thresholds=Thresholds())
    assert (alert.rule, alert.actor_id, alert.began_at, len(alert.rows)) == (rule, "dr", AT, count)
    assert rules(spread(rule, count - 1, within)) == []
    assert rules(spread(rule, count, within + 1)) == []


@pytest.mark.parametrize("rule", MEASURES)
def test_what_came_long_before_neither_hides_nor_joins_a_stretch(rule):
    count, within, more = MEASURES[rule]
    for early in (1, 2):
        before = [row(150 + one, minutes=-3 * within - one, **more) for one in range(early)]
        known = [feed(150 + one, minutes=-9e5) for one in range(early)] if rule == "burst" else []
        (alert,) = find_misuse([*before, *known, *spread(rule, count, within)], thresholds=Thresholds())
        assert (alert.rule, alert.began_at, len(alert.rows)) == (rule, AT, count)


def test_a_second_stretch_is_a_second_alert():
    count, within, _ = MEASURES["burst"]
    again = [msgspec.structs.replace(one, at=one.at + dt.timedelta(hours=5)) for one in spread("burst", count, within)]
    assert rules(spread("burst", count, within) + again) == ["burst", "burst"]


def repeated(number, **changes):
    """As many rows of one space."""
    return [row(1, minutes=minute, **changes) for minute in range(number)]


def strangers(number, **changes):
    return [row(one, minutes=one, **changes) for one in range(number)]


WITH_CARE = [feed(number) for number in range(60)]
ORDINARY = {
    "one file read all day": [feed(1), *repeated(40)],
    "one emergency looked at again": repeated(6, ground="bris-de-glace"),
    "readings that were refused": strangers(40, outcome="refused"),
    "emergencies that were refused": strangers(5, outcome="refused", ground="bris-de-glace"),
    "deposits for a whole ward": strangers(40, act="deposit-document"),
    "a waiting room looked up and opened": [
        *WITH_CARE,
        *strangers(25, act="find-patient"),
        *[row(one, minutes=100 + 9 * one) for one in range(25)],
    ],
    "numbers nobody finds alike": strangers(15, act="find-patient"),
    "what others than professionals do": strangers(40, actor_kind="software", near="a", act="find-patient"),
    "a person in their own space": repeated(3, actor_kind="person", organisation=None),
    "people of one home looked up only": strangers(5, act="find-patient", home="a"),
    "people nobody knows the home of": strangers(5, act="first-access"),
    "people of one home who refused": strangers(5, act="first-access", home="a", outcome="refused"),
    "neighbours met for the first time": strangers(12, act="first-access", near="a"),
    "a namesake's file a nurse reads": [feed(1), *repeated(3, alike="surname")],
}


@pytest.mark.parametrize("day", ORDINARY)
def test_what_only_looks_like_it_rings_nothing(day):
    assert rules(ORDINARY[day]) == []


def test_one_person_looked_for_again_and_again_in_vain_is_probing():
    assert rules(repeated(20, act="find-patient")) == ["probing"]


GIVEN = {"act": "authorise", "actor_kind": "person", "actor_id": "me", "organisation": None, "grantee": "dr"}
NO_REASON = {
    "a deposit that was refused": msgspec.structs.replace(feed(1), outcome="refused"),
    "a deposit in another space": feed(2),
    "another act of their software": msgspec.structs.replace(feed(1), act="read-document", actor_kind="software"),
    "access that was refused": row(1, **GIVEN | {"outcome": "refused"}),
    "access somebody else gave": row(1, **GIVEN | {"actor_kind": "professional", "actor_id": "other"}),
    "access taken away": row(1, **GIVEN | {"act": "withdraw"}),
    "access to another space": row(2, **GIVEN),
}


@pytest.mark.parametrize("what", NO_REASON)
def test_what_is_no_sign_of_care_excuses_nothing(what):
    assert rules([NO_REASON[what], row(1, minutes=5)]) == ["no-sign-of-care"]


def test_an_alert_about_a_namesake_holds_what_they_saw_and_nothing_else():
    came, read = row(1, act="ask-emergency", alike="surname", seq=1), row(1, minutes=5, seq=2)
    beside = [
        row(1, minutes=6, outcome="refused", seq=3),
        row(1, minutes=7, act="deposit-document", seq=4),
        row(1, minutes=8, actor_id="another", seq=5),
    ]
    (alert,) = find_misuse([came, read, *beside], thresholds=Thresholds())
    assert (alert.rule, alert.rows) == ("same-surname", ((SPACES[1], 1), (SPACES[1], 2)))


@pytest.mark.parametrize("rule", [*MEASURES, "no-sign-of-care"])
def test_rows_somebody_judged_ring_no_second_time_and_only_for_that_rule_and_professional(rule):
    rows = spread(rule, *MEASURES[rule][:2]) if rule in MEASURES else repeated(3)
    (alert,) = find_misuse(rows, thresholds=Thresholds())

    def again(of_rule, actor, places):
        return [
            one.rule for one in find_misuse(rows, thresholds=Thresholds(), judged={(of_rule, actor): frozenset(places)})
        ]

    assert again(rule, "dr", alert.rows) == []
    assert again("another", "dr", alert.rows) == again(rule, "another", alert.rows) == [rule]
    assert again(rule, "dr", [(SPACES[190], 1)]) == [rule]
    if rule == "no-sign-of-care":
        assert again(rule, "dr", alert.rows[:1]) == [], "rows are told apart by their number, and here it is one"
