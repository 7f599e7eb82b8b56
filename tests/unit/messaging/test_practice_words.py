"""What a practice writes in one line, and who may set which mailbox."""

import datetime as dt

import msgspec
import pytest

from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.errors import Invalid
from carnet.kernel.legal_day import PARIS
from carnet.messaging.api import Absence, Opening, OwnedMailbox, Period, PracticeRules, Quota, RequestKind, may_set
from carnet.messaging.rules.practice_rules import automatic, begins, begins_again
from carnet.messaging.rules.practice_words import hours_text, read_hours, read_line

LINE = (
    "genres=renouvellement, certificat; horaires=lun-ven 09:00-12:00 14:00-18:00, sam 09:00-12:00; quota=2/semaine;"
    " delai=3; absence=2026-12-20/2026-12-31; reponses=formulaire; visiteurs=non; reponse*=UTF-8''R%C3%A9ponse%20vite"
)


def test_a_line_says_everything_a_page_says():
    rules = read_line(LINE)
    assert rules.kinds == (RequestKind.RENEWAL, RequestKind.CERTIFICATE)
    assert rules.hours[1] == Opening((1, 2, 3, 4, 5), "14:00", "18:00")
    assert (rules.quota, rules.answer_days, rules.automatic) == (Quota(2, Period.WEEK), 3, "Réponse vite")
    assert (rules.free_answers, rules.visitors, len(rules.absences)) == (False, False, 1)
    assert read_hours(hours_text(rules.hours)) == rules.hours
    assert read_line(" AUCUNE ") is None
    more = read_line(f"{LINE}; anglais*=UTF-8''Soon; remplacant*=UTF-8''Dr%20Martin")
    assert (more.automatic_english, more.absences[0].instead) == ("Soon", "Dr Martin")


@pytest.mark.parametrize(
    ("language", "own", "words"),
    [
        (
            "fr",
            "Bientôt",
            ("remise le 22/12/2026 à 09:00", "jusqu'au 31/12/2026 inclus", "En attendant : Dr Martin", "Bientôt"),
        ),
        (
            "en",
            "Bientôt",
            ("handed over on 22/12/2026 at 09:00", "Away until 31/12/2026", "Meanwhile: Dr Martin", "Soon"),
        ),
        ("en", "", ("Closed", "Away", "Meanwhile", "Soon")),
    ],
)
def test_who_writes_is_answered_in_their_language_and_told_whom_to_reach(language, own, words):
    rules = PracticeRules(
        automatic=own,
        automatic_english="Soon",
        absences=(Absence(dt.date(2026, 12, 20), dt.date(2026, 12, 31), "Dr Martin"),),
    )
    at, opens = dt.datetime(2026, 12, 21, 20, tzinfo=dt.UTC), dt.datetime(2026, 12, 22, 9, tzinfo=PARIS)
    said = automatic(rules, opens, language=language, at=at)
    assert [one for one in words if one not in said] == []
    french_only = msgspec.structs.replace(rules, automatic="Bientôt", automatic_english="")
    assert "Bientôt" in automatic(french_only, None, language="en", at=at)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "genres=magie",
        "genres=certificat; genres=certificat",
        "inconnu=1",
        "quota=2",
        "quota=0/jour",
        "delai=-1",
        "horaires=lun 18:00-09:00",
        "horaires=ven-lun 09:00-10:00",
        "absence=2026-12-31/2026-12-01",
        "absence=2026-12-31",
        "reponse*=Bonjour",
        "reponse*=UTF-8''%FF",
        "reponse*=UTF-8''a%00b",
        "reponse*=UTF-8''" + "a" * 1001,
        "reponses=peut-être",
        "a" * 7000,
    ],
)
def test_a_line_that_is_not_so_changes_nothing(line):
    with pytest.raises(Invalid):
        read_line(line)


@pytest.mark.parametrize(
    ("per", "first", "again"),
    [(Period.DAY, "2026-12-31", "2027-01-01"), (Period.WEEK, "2026-12-28", "2027-01-04"), (Period.MONTH, "2026-12-01",
     "2027-01-01")],
)  # fmt: skip
def test_periods_are_those_of_the_calendar_in_paris(per, first, again):
    late = dt.datetime(2026, 12, 30, 23, 30, tzinfo=dt.UTC)  # already the 31st in Paris
    assert (str(begins(Quota(1, per), at=late)), str(begins_again(Quota(1, per), at=late))) == (first, again)


OWN = OwnedMailbox(address="a@b.invalid", kind="PER", rpps="1", finess="F", label="")
SHARED = OwnedMailbox(address="c@b.invalid", kind="CAB", rpps=None, finess="F", label="")
DOCTOR = {"kind": ActorKind.PROFESSIONAL, "identifier": "1", "name": "D", "organisation": "F", "strong": True}
COLLEAGUE = DOCTOR | {"identifier": "2"}
SOFTWARE = {"kind": ActorKind.SOFTWARE, "identifier": "s", "name": "S", "organisation": "F", "strong": True}


@pytest.mark.parametrize(
    ("who", "own", "shared", "application"),
    [
        (DOCTOR, True, True, False),
        (COLLEAGUE, False, True, False),
        (COLLEAGUE | {"organisation": "G"}, False, False, False),
        (DOCTOR | {"strong": False}, False, False, False),
        (SOFTWARE, False, True, True),
        (SOFTWARE | {"organisation": "G"}, False, False, False),
        ({"kind": ActorKind.PERSON, "identifier": "1", "name": "P", "organisation": "F", "strong": True},)
        + (False,) * 3,
    ],
    ids=["the doctor", "a colleague", "from elsewhere", "weakly proved", "the software", "another's", "a person"],
)
def test_who_says_what_a_mailbox_accepts(who, own, shared, application):
    app = OwnedMailbox(address="d@b.invalid", kind="APP", rpps=None, finess="F", label="")
    actor = Actor(**who)
    assert [may_set(actor, one) for one in (OWN, SHARED, app)] == [own, shared, application]
