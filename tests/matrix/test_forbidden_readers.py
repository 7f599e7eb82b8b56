"""Insurers, employers, banks, the State's agents and the operator have no path to content: searched exhaustively.

No kind of actor stands for them, and nothing an actor may carry (profession, organisation, scopes, a space, a session,
somebody to act for), no line, no emergency, no wish and no state of a space makes one that is not the person, someone
who acts for them, or a professional of the matrix read a document. threats T28, L1111-18 CSP.
"""

import datetime as dt
import itertools
from uuid import UUID

import msgspec
import pytest

from carnet.access.api import (
    Authorisation,
    Delegation,
    DocumentFacts,
    Effect,
    Emergency,
    HeirsReading,
    Mode,
    Need,
    SpaceFacts,
    current_matrix,
    decide,
    emergency_professions,
)
from carnet.access.queries.visibility import visible_to
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.ids import SpaceId
from carnet.terminology.api import ProfessionKind, profession, professions

AT = dt.datetime(2026, 11, 21, 9, 0, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
SPACE = SpaceId(UUID(int=1))
READERS = {ActorKind.PERSON, ActorKind.REPRESENTATIVE, ActorKind.CARER, ActorKind.PROFESSIONAL}
KINDS = {ActorKind.REPRESENTATIVE: "representative", ActorKind.CARER: "carer"}
FORBIDDEN = [kind for kind in ActorKind if kind not in READERS]
READING = (Need.LIST, Need.READ, Need.MASK, Need.EDIT, Need.MANAGE_ACCESS, Need.RECORD_CONSENT, Need.BREAK_GLASS)
ME, HOUSE = "10000000001", "100000001"


def line(effect, rpps, finess, *, administrator=False):
    return Authorisation(
        authorisation_id=UUID(int=2),
        effect=effect,
        rpps=rpps,
        finess=finess,
        origin="person",
        starts_at=AT,
        is_administrator=administrator,
    )


LINES = (
    (),
    (line(Effect.PERMIT, ME, None, administrator=True),),
    (line(Effect.PERMIT, None, HOUSE),),
    (line(Effect.PERMIT, "insurer", None), line(Effect.PERMIT, None, "insurer")),
)
GRANTED = (None, *(Emergency(mode=mode, granted_at=AT, ends_at=AT + HOUR) for mode in Mode))
DOCUMENT = DocumentFacts(
    document_id=UUID(int=3),
    logical_id=UUID(int=3),
    status="current",
    type_code="11488-4",
    category="CPT_REND",
    received_at=AT,
    author_rpps=ME,
    author_finess=HOUSE,
)


def askers(kinds):
    """Every actor of these kinds with every combination of what one may carry."""
    carried = itertools.product(
        (ME, "insurer"), (None, "10", "99", "insurer"), (None, HOUSE), (None, SPACE), (None, SPACE), (True, False)
    )
    for (identifier, trade, house, space, acts_for, regulates), kind in itertools.product(carried, kinds):
        yield Actor(
            kind=kind,
            identifier=identifier,
            name="",
            profession=trade,
            organisation=house,
            space=space,
            acts_for=acts_for,
            regulation=regulates,
            session="s",
            scopes=frozenset({"user/*.cruds", "system/*.cruds"}),
            stepped_up_until=AT + HOUR,
            strong=True,
        )


def who_gets_in(kinds, *, deciding=decide):
    """The first asker of these kinds that some state of the space lets read, with what let them; None when nobody."""
    matrix = current_matrix()
    for actor in askers(kinds):
        if visible_to(actor, matrix=matrix, at=AT).side != "nobody" and actor.kind in FORBIDDEN:
            return actor, "the SQL has a side for them"
        for lines, granted, state, need in itertools.product(LINES, GRANTED, ("OPEN", "ACTIVE", "DECEASED"), READING):
            facts = SpaceFacts(
                space=SPACE,
                state=state,
                epoch=1,
                authorisations=lines,
                emergency=granted,
                allow_bris_de_glace=True,
                allow_centre_15=True,
                allow_masked_in_emergency=True,
                heirs=HeirsReading(ends_at=AT + HOUR),
                delegation=Delegation(
                    kind=KINDS.get(actor.kind, "carer"), documents=True, starts_at=AT, ends_at=AT + HOUR
                ),
            )
            for document in (DOCUMENT, None):
                if deciding(actor, need, facts, matrix=matrix, at=AT, document=document).allowed:
                    return actor, need
    return None


def test_no_kind_stands_for_a_forbidden_reader():
    assert {str(kind) for kind in ActorKind} == {
        "person",
        "representative",
        "carer",
        "professional",
        "software",
        "system",
        "operator",
        "agent",
        "pilot",
    }


def test_nobody_but_persons_those_who_act_for_them_and_professionals_reads():
    assert who_gets_in(FORBIDDEN) is None


@pytest.mark.parametrize("kind", sorted(READERS))
def test_the_search_finds_those_who_do_read(kind):
    assert who_gets_in([kind]) is not None


def test_a_planted_hole_is_found():
    """The operator, let in as a professional would be: "to help"."""

    def deciding(actor, need, facts, *, matrix, at, document):
        if actor.kind is ActorKind.OPERATOR:
            actor = msgspec.structs.replace(actor, kind=ActorKind.PROFESSIONAL)
        return decide(actor, need, facts, matrix=matrix, at=at, document=document)

    assert who_gets_in(FORBIDDEN, deciding=deciding) is not None


def test_of_the_dead_only_the_physician_an_heir_named_reads():
    """The person themselves, who acted for them and every professional without that row: nobody."""
    matrix = current_matrix()
    for actor in askers(ActorKind):
        for lines, granted, heirs in itertools.product(LINES, GRANTED, (None, HeirsReading(ends_at=AT + HOUR))):
            facts = SpaceFacts(
                space=SPACE,
                state="DECEASED",
                epoch=1,
                authorisations=lines,
                emergency=granted,
                allow_bris_de_glace=True,
                allow_centre_15=True,
                delegation=Delegation(
                    kind=KINDS.get(actor.kind, "carer"), documents=True, starts_at=AT, ends_at=AT + HOUR
                ),
                heirs=heirs,
            )
            for need in Need:
                allowed = decide(actor, need, facts, matrix=matrix, at=AT, document=DOCUMENT).allowed
                reads = heirs is not None and actor.kind is ActorKind.PROFESSIONAL and need in {Need.LIST, Need.READ}
                assert not allowed or reads, (actor, need)


def test_every_profession_of_the_matrix_is_one_of_health_or_social_care():
    """L1111-18: no row for an insurer's doctor, an employer, a bank, an agent of the State."""
    matrix = current_matrix()
    known = {code for codes in matrix.groups().values() for code in codes}
    care = {ProfessionKind.HEALTH, ProfessionKind.TITLE, ProfessionKind.SOCIAL}
    assert known <= {one.code for one in professions() if one.kind in care}
    for mode in (Mode.BRIS_DE_GLACE, Mode.CENTRE_15):
        assert emergency_professions(mode) <= known
    assert all(profession(code) is not None for code in known)


def test_no_type_is_for_everybody_and_an_unknown_pair_is_a_no():
    matrix = current_matrix()
    assert not matrix.may_consult(profession="insurer", type_code="11488-4", at=AT.date())
    assert not matrix.may_consult(profession="10", type_code="unknown", at=AT.date())
