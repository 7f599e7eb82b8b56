"""The fictitious country is fictitious, varied, and its numbers are right."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from carnet.agenda.api import Kind, Said, Words
from carnet.agenda.rules.entries import check_said
from carnet.identity.data import parse_ins
from carnet.sandbox.population.agenda import load_agenda
from carnet.sandbox.population.feed import directory_feed
from carnet.sandbox.population.identifiers import luhn_sum, nir_key
from carnet.sandbox.population.load import load_population

PEOPLE = load_population()
AT = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_there_is_everybody_the_stories_need():
    assert len(PEOPLE.persons) >= 40
    assert len(PEOPLE.professionals) >= 15
    assert {p.profession for p in PEOPLE.professionals} >= {"10", "21", "40", "50", "60", "70"}
    assert {o.facility_type for o in PEOPLE.organisations} >= {"SA01", "SA25", "SA33", "SA17"}
    ages = [p.age(PEOPLE.today) for p in PEOPLE.persons]
    assert min(ages) == 0
    assert max(ages) >= 95


@pytest.mark.parametrize("person", PEOPLE.persons, ids=lambda p: p.login)
def test_every_ins_is_valid_and_of_the_test_oid(person):
    ins = parse_ins(matricule=person.matricule, oid=person.oid)
    assert ins.is_test
    number = person.matricule
    assert number[1:5] == f"{person.birth_date:%y%m}"
    assert number[0] == ("1" if person.sex == "M" else "2")


def test_corsica_is_counted_as_the_law_says():
    ghjulia, petru, dominique = (PEOPLE.person(login).matricule for login in ("ghjulia", "petru", "dominique"))
    assert (ghjulia[5:7], petru[5:7], dominique[5:7]) == ("2A", "2B", "20")
    assert ghjulia[13:] == f"{97 - int(ghjulia[:13].replace('2A', '19')) % 97:02d}"


def test_a_wrong_key_would_be_seen():
    number = PEOPLE.person("nour").matricule
    assert nir_key(number[:12] + "9") != number[13:]


def test_logins_and_numbers_are_unique():
    everyone = [*PEOPLE.persons, *PEOPLE.professionals]
    for values in ([p.login for p in everyone], [p.matricule for p in PEOPLE.persons]):
        assert max(Counter(values).values()) == 1


@pytest.mark.parametrize("one", PEOPLE.professionals, ids=lambda p: p.login)
def test_rpps_and_workplace(one):
    assert len(one.rpps) == 11
    assert luhn_sum(one.rpps) % 10 == 0
    assert PEOPLE.workplace(one).key == one.organisation


@pytest.mark.parametrize("place", PEOPLE.organisations, ids=lambda o: o.key)
def test_finess_and_software(place):
    assert len(place.finess) == 9
    assert luhn_sum(place.finess) % 10 == 0
    assert [s for s in PEOPLE.softwares if s.organisation == place.key]


def test_families_hold_together():
    for child in PEOPLE.persons:
        for parent in child.parents:
            assert PEOPLE.person(parent).age(child.birth_date) >= 16
            assert child in PEOPLE.children_of(PEOPLE.person(parent))
        if child.partner:
            assert PEOPLE.person(child.partner).partner == child.login
        assert PEOPLE.professional(child.gp)
    assert not any(child.account for child in PEOPLE.persons if child.age(PEOPLE.today) < 15)


def test_traits_are_written_as_the_civil_register_does():
    coeur = PEOPLE.person("coeur")
    assert coeur.registered_name == "COEURDEROY-FICTIF"
    assert PEOPLE.person("noel").registered_given == "NOEL DESIRE"
    assert PEOPLE.person("ael").registered_name == "O"


def test_the_directory_feed_ties_professionals_to_places():
    feed = directory_feed(PEOPLE)
    places = {place["finess"] for place in feed["organisations"]}
    assert {one["finess"] for one in feed["professionals"]} <= places


@pytest.mark.parametrize("days", range(7))
def test_the_agendas_are_believable_whatever_the_day_of_the_first_start(days):
    at = AT + timedelta(days=days)
    for one in load_agenda():
        day = one.day(at.date())
        assert day.weekday() < 5, one
        assert one.days * (day - at.date()).days > 0
        assert one.days < 0 or (day - at.date()).days > 2, "nothing is due when somebody comes first"
        assert (one.noted == 0) is bool(one.by), one
        assert one.noted < 30, "before the space was there"
        assert one.cancelled is None or one.cancelled < one.noted
        kind = Kind.APPOINTMENT if one.hour else Kind.REMINDER
        words = Words(title=one.title, party=one.party(PEOPLE), address=one.address(PEOPLE), note=one.note)
        assert bool(words.party) is bool(words.address) is bool(one.hour)
        said = Said(kind=kind, day=day.isoformat(), hour=one.hour, words=words)
        assert check_said(said, zone="Europe/Paris", at=at - timedelta(days=one.noted))
        assert PEOPLE.person(one.whose).account or one.by in PEOPLE.person(one.whose).parents
