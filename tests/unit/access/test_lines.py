"""On what several lines of one list let somebody in, and a minor's secret consent: what the matrix has no case of."""

import datetime as dt
from uuid import UUID

import msgspec
import pytest

from carnet.access.data import Authorisation, DocumentFacts, Effect, Mode, SpaceFacts
from carnet.access.rules.emergency import allowed_by_person
from carnet.access.rules.lines import ground_of, names, standing
from carnet.access.rules.professional import is_depositor
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.decisions import Ground
from carnet.kernel.ids import SpaceId

AT = dt.datetime(2026, 11, 21, 9, 0, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
ME, HOUSE, TEAM = "10000000001", "100000001", UUID(int=7)
DOCTOR = Actor(kind=ActorKind.PROFESSIONAL, identifier=ME, name="", profession="10", organisation=HOUSE, strong=True)


def line(**more):
    named = {"rpps": None, "finess": None} | more
    return Authorisation(
        authorisation_id=UUID(int=2), effect=Effect.PERMIT, origin="person", starts_at=AT - HOUR, **named
    )


MINE, MY_HOUSE, MY_TEAM = line(rpps=ME), line(finess=HOUSE), line(team=TEAM)


@pytest.mark.parametrize(
    ("lines", "ground"),
    [
        ([MINE, MY_HOUSE, MY_TEAM], Ground.AUTHORISED_PROFESSIONAL),
        ([MY_TEAM, MINE], Ground.AUTHORISED_PROFESSIONAL),
        ([MY_TEAM, MY_HOUSE], Ground.AUTHORISED_ORGANISATION),
        ([MY_TEAM, MY_TEAM], Ground.CARE_TEAM),
    ],
)
def test_access_rests_on_the_line_that_says_most_precisely_who_is_meant(lines, ground):
    assert ground_of(lines, DOCTOR) is ground
    assert ground_of(reversed(lines), DOCTOR) is ground


def facts(*lines):
    return SpaceFacts(space=SpaceId(UUID(int=1)), state="ACTIVE", epoch=1, authorisations=lines, teams=(TEAM,))


def test_one_line_of_several_is_enough_to_administer_and_to_have_come_before():
    used, administers = (
        msgspec.structs.replace(MINE, **one) for one in ({"first_used_at": AT}, {"is_administrator": True})
    )
    for lines in ([used, MY_HOUSE], [MY_HOUSE, used]):
        assert not standing(DOCTOR, facts(*lines), at=AT).never_came
    for lines in ([administers, MY_HOUSE], [MY_HOUSE, administers]):
        assert standing(DOCTOR, facts(*lines), at=AT).administrator
    assert standing(DOCTOR, facts(MINE, MY_HOUSE), at=AT).never_came
    assert not standing(DOCTOR, facts(MINE, MY_HOUSE), at=AT).administrator


def test_one_block_of_several_lines_blocks():
    blocks = msgspec.structs.replace(MINE, effect=Effect.BLOCK)
    for lines in ([blocks, MY_HOUSE], [MY_HOUSE, blocks]):
        assert standing(DOCTOR, facts(*lines), at=AT).blocked


SECRET = msgspec.structs.replace(MINE, secret=True)


@pytest.mark.parametrize(
    ("lines", "has"),
    [
        ([SECRET], True),
        ([MY_HOUSE, SECRET], True),
        ([MINE], False),
        ([msgspec.structs.replace(SECRET, rpps="10000000002")], False),
        ([msgspec.structs.replace(SECRET, ended_at=AT)], False),
        ([msgspec.structs.replace(SECRET, ends_at=AT)], False),
        ([msgspec.structs.replace(SECRET, starts_at=AT + HOUR)], False),
        ([], False),
    ],
)
def test_a_secret_consent_is_one_in_force_to_this_very_professional(lines, has):
    """Of a minor: their representatives are told nothing of it (L1111-5)."""
    assert facts(*lines).has_secret_consent(ME, AT) is has


def test_who_has_no_number_is_named_by_no_line_and_wrote_nothing():
    """Two numbers that are missing are not the same number: whoever else may come to ask one day."""
    nobody = Actor(kind=ActorKind.SOFTWARE, identifier="lps", name="", strong=True)
    assert nobody.rpps is None
    assert nobody.organisation is None
    for lines in (MY_HOUSE, line(team=UUID(int=8)), line()):
        assert not names(lines, nobody, facts())
    document = DocumentFacts(
        document_id=TEAM, logical_id=TEAM, status="current", type_code="", category="", received_at=AT
    )
    assert not is_depositor(nobody, document)
    assert not is_depositor(DOCTOR, document)
    assert is_depositor(DOCTOR, msgspec.structs.replace(document, author_rpps=ME))
    assert is_depositor(DOCTOR, msgspec.structs.replace(document, author_finess=HOUSE))


@pytest.mark.parametrize("switches", [(False, False), (True, False), (False, True), (True, True)])
def test_each_kind_of_emergency_has_its_own_switch_and_the_ordinary_way_in_none(switches):
    glass, regulation = switches
    chosen = msgspec.structs.replace(facts(), allow_bris_de_glace=glass, allow_centre_15=regulation)
    allowed = [allowed_by_person(chosen, mode) for mode in (Mode.BRIS_DE_GLACE, Mode.CENTRE_15, Mode.NORMAL)]
    assert allowed == [glass, regulation, False]
