"""Random worlds for the comparison of the decision with the SQL: two spaces, their rights, documents, and who looks."""

import datetime as dt
import itertools
import random
from typing import NamedTuple
from uuid import UUID

from hypothesis import strategies as st

from carnet.access.api import DocumentFacts, current_matrix, safeguard_topics
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.ids import SpaceId

AT = dt.datetime(2026, 11, 21, 9, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
MATRIX = current_matrix()
DOCTOR, OPTICIAN = "10", "28"
TOPICS = safeguard_topics()
GUARDED_TOPIC = "mental-health"
RPPS = ("10999999991", "10999999992")
FINESS = ("999999991", "999999992")
ACTIVE, SUSPENDED = "lps-agree-active", "lps-agree-suspended"
FIRST, SECOND = SpaceId(UUID(int=1)), SpaceId(UUID(int=2))  # stand for the two spaces of whichever world


def types_of_documents():
    """One type both professions may consult (when there is one), one for doctors only, one for nobody."""
    doctors = MATRIX.types_for(profession=DOCTOR, at=AT.date())
    opticians = MATRIX.types_for(profession=OPTICIAN, at=AT.date())
    return [*sorted(doctors & opticians)[:1], min(doctors - opticians), "0000-0", min(doctors & TOPICS[GUARDED_TOPIC])]


def person(name, **more):
    return Actor(kind=ActorKind.PERSON, identifier=name, name=name, **({"strong": True} | more))


def professional(rpps, **more):
    given_ = {"profession": DOCTOR, "organisation": FINESS[0], "strong": True} | more
    return Actor(kind=ActorKind.PROFESSIONAL, identifier=rpps, name="P", **given_)


def delegate(name, kind, **more):
    return Actor(kind=kind, identifier=name, name=name, **({"strong": True, "acts_for": FIRST} | more))


SESSION = "the session it was granted to"
LOOKING = {
    "the person of the first space": person("p", space=FIRST),
    "the person of the second space": person("q", space=SECOND),
    "the person, weakly known": person("p", space=FIRST, strong=False),
    "a person without a space": person("r"),
    "a doctor": professional(RPPS[0]),
    "another doctor of another house": professional(RPPS[1], organisation=FINESS[1]),
    "a doctor acting for no house": professional(RPPS[1], organisation=None),
    "a doctor, weakly known": professional(RPPS[0], strong=False),
    "a doctor through a software": professional(RPPS[0], client_id=ACTIVE),
    "a doctor through a suspended software": professional(RPPS[0], client_id=SUSPENDED),
    "an optician": professional(RPPS[0], profession=OPTICIAN),
    "a doctor in a session": professional(RPPS[0], session=SESSION, organisation=FINESS[1]),
    "a doctor whose software was launched": professional(RPPS[0], acts_for=FIRST),
    "another doctor in that session": professional(RPPS[1], session=SESSION),
    "the person, proved again": person("p", space=FIRST, stepped_up_until=AT + DAY),
    "the person, whose proof is over": person("p", space=FIRST, stepped_up_until=AT),
    "a parent": delegate("parent", ActorKind.REPRESENTATIVE),
    "a carer who proved again": delegate("carer", ActorKind.CARER, stepped_up_until=AT + DAY),
    "a parent by the row of another space": delegate("mixed", ActorKind.REPRESENTATIVE),
    "a parent of somebody else": delegate("parent", ActorKind.REPRESENTATIVE, acts_for=SECOND),
    "a parent, weakly known": delegate("parent", ActorKind.REPRESENTATIVE, strong=False),
    "an unknown profession": professional(RPPS[0], profession="999"),
    "no profession": professional(RPPS[0], profession=None),
    "a software": Actor(
        kind=ActorKind.SOFTWARE, identifier=ACTIVE, name="S", client_id=ACTIVE, organisation=FINESS[0], strong=True
    ),
    "the operator": Actor(kind=ActorKind.OPERATOR, identifier="o", name="O", strong=True),
    "the house itself": Actor(kind=ActorKind.SYSTEM, identifier="s", name="S", strong=True),
}
GRANTEES = [("rpps", RPPS[0]), ("rpps", RPPS[1]), ("finess", FINESS[0]), ("finess", FINESS[1]), ("team", "team")]

LINE = {
    "effect": ["permit", "permit", "permit", "block"],
    "grantee": GRANTEES,
    "administrator": [True, False],
    "shared": [None, None, "house", "team"],
    "starts_at": [AT - DAY, AT - DAY, AT, AT + DAY],
    "ends_at": [None, None, AT + DAY, AT, AT - DAY / 2],
    "ended_at": [None, None, None, AT - DAY / 2],
}
DOCUMENT = {
    "status": ["current", "current", "superseded", "deleted"],
    "type_code": types_of_documents(),
    "codes": [(False, False), (False, False), (True, False), (False, True)],
    "representants": [True, False],
    "category": ["BIOLOGIE", "CPT_REND"],
    "received_at": [AT - DAY, AT],
    "apart": [False, False, False, True],
    "author_kind": ["PRACTITIONER", "ORGANISATION", "PATIENT", "DISPOSITIF"],
    "author_rpps": [None, *RPPS],
    "author_finess": [None, *FINESS],
}
# what hardly any space has; the columns of the rights row say that there is any
RARE = {
    "glass": [True, False],
    "regulation": [True, False],
    "masked_too": [True, False],
    "emergency": [None, None, "bris_de_glace", "bris_de_glace", "centre_15"],
    "granted_at": [AT, AT - DAY / 48, AT - DAY / 24, AT + DAY],
    "over": [False, False, False, True],
    "member": [None, ("rpps", RPPS[0]), ("rpps", RPPS[1]), ("finess", FINESS[0])],
    "topics": [[], [], [GUARDED_TOPIC], ["another-topic"]],
}
WISH = {
    "effect": ["hide", "only"],
    "covers": ["everything", "document", "BIOLOGIE", "since"],
    "names": ["everyone", "rpps", "profession", "finess", "other"],
    "starts_at": [AT - DAY, AT, AT + DAY],
    "ends_at": [None, None, AT, AT + 2 * DAY],
    "ended_at": [None, None, AT - DAY / 2],
}
# who acts for the person of the space: the row the askers below rest on; None: there is none
HELD = {
    "kind": ["representative", "representative", "carer"],
    "starts_at": [AT - DAY, AT - DAY, AT, AT + DAY],
    "ends_at": [AT + 2 * DAY, AT + 2 * DAY, AT, AT - DAY / 2],
    "accepted": [True, True, True, False],
    "ended": [False, False, False, True],
    "withheld": [[], [], ["BIOLOGIE"]],
    "discreet_from": [None, AT - DAY, AT, AT + DAY],
    "agenda_only": [False, False, False, True],
}
# by what a physician reads for an heir, once the person died; None: nobody asked
HEIRS = {
    "rpps": [RPPS[0], RPPS[0], RPPS[1]],
    "ends_at": [AT + DAY, AT + DAY, AT, AT - DAY / 2],
    "ended": [False, False, False, True],
    "withheld": [[], [], [types_of_documents()[0]], [types_of_documents()[1]]],
}
STATES = ["OPEN", "ACTIVE", "ACTIVE", "ACTIVE", "SUSPENDED", "CLOSED", "DELETED", None]


def one_open_line_of_a_kind(line):
    """As the table has it."""
    return "permit" if line["grantee"][0] == "team" else line["effect"], line["grantee"], line["ended_at"]


def drawn(options):
    return st.fixed_dictionaries({name: st.sampled_from(values) for name, values in options.items()})


spaces = st.fixed_dictionaries(
    {
        "state": st.sampled_from([*STATES, "DECEASED", "DECEASED"]),
        "lines": st.lists(drawn(LINE), max_size=4, unique_by=one_open_line_of_a_kind),
        "documents": st.lists(drawn(DOCUMENT), min_size=1, max_size=5),
        "rare": drawn(RARE),
        "wishes": st.lists(drawn(WISH), max_size=2),
        "held": st.lists(drawn(HELD), max_size=2),
        "heirs": st.lists(drawn(HEIRS), max_size=2),
    }
)
worlds = st.tuples(spaces, spaces)


def world_by_dice(dice, *, dead=False):
    """A world as hypothesis draws them, but never a small one: for the planted faults, which need no shrinking."""

    def some(options):
        return {name: dice.choice(values) for name, values in options.items()}

    def some_held(documents):
        """By dice of their own: the throws before them stay what they were."""
        own = random.Random(repr(documents))
        one, other = ({name: own.choice(values) for name, values in HELD.items()} for _ in range(2))
        return own.choice(([one], [one, other], [one | {"ended": False, "accepted": True}, other]))

    def some_heirs(documents):
        own = random.Random(repr(documents) + "heirs")
        return [{name: own.choice(values) for name, values in HEIRS.items()} for _ in range(own.choice((0, 1, 1, 2)))]

    def space():
        lines = {one_open_line_of_a_kind(line): line for line in (some(LINE) for _ in range(dice.randint(1, 4)))}
        rows = [some(DOCUMENT) for _ in range(4)]
        wishes = [some(WISH) for _ in range(dice.choice((0, 0, 1, 2)))]
        state = dice.choice(STATES)
        held = some_held(rows)
        rows_and_wishes = {"documents": rows, "rare": some(RARE), "wishes": wishes}
        whose = {"lines": list(lines.values()), "held": held, "heirs": some_heirs(rows)}
        return {"state": state, **whose, **rows_and_wishes}

    def where_what_is_fine_decides():
        """Open, readable, rarely let in by the list: an emergency, a wish, a mask make the difference."""
        documents = [
            some(DOCUMENT)
            | {"type_code": types_of_documents()[1], "status": "current", "author_rpps": None}
            | {"author_finess": None, "codes": dice.choice([(False, False), (True, False)])}
            for _ in range(4)
        ]
        rare = some(RARE) | {"emergency": dice.choice(RARE["emergency"]), "granted_at": AT, "over": False}
        line = {"effect": "permit", "administrator": False, "shared": None, "starts_at": AT, "ends_at": None}
        line |= {"grantee": dice.choice(GRANTEES), "ended_at": None}
        starts_at, ends_at = dice.choice([(AT, None), (AT, None), (AT - DAY, AT)])
        wish = some(WISH) | {"starts_at": starts_at, "ends_at": ends_at, "ended_at": None}
        lines, wishes = dice.choice(([], [line])), dice.choice(([], [wish], [wish]))
        held = some_held(documents)
        whose = {"lines": lines, "held": held, "heirs": some_heirs(documents)}
        return {"state": "ACTIVE", **whose, "documents": documents, "rare": rare, "wishes": wishes}

    def of_the_dead():
        """A physician was let in for an heir; what was kept from anybody makes the difference."""
        alive = where_what_is_fine_decides()
        documents = [
            some(DOCUMENT)
            | {"type_code": dice.choice((*DOCUMENT["type_code"][:2], DOCUMENT["type_code"][1]))}
            | {"apart": dice.choice((False, False, False, True)), "representants": dice.choice((False, False, True))}
            for _ in range(4)
        ]
        line = {
            "shared": None,
            "starts_at": AT,
            "ends_at": None,
            "ended_at": None,
            "grantee": dice.choice(GRANTEES[:3]),
        }
        blocked = [line | {"effect": "block", "administrator": False}]
        administers = [line | {"effect": "permit", "administrator": True, "grantee": GRANTEES[0]}]
        heirs = [some(HEIRS) | {"ends_at": AT + DAY, "ended": False}, *([some(HEIRS)] * dice.choice((0, 1)))]
        rare = alive["rare"] | {"glass": True, "masked_too": dice.choice((True, True, False))}
        whose = {
            "lines": dice.choice(([], blocked, administers, administers)),
            "heirs": dice.choice((heirs, heirs, [some(HEIRS) | {"ends_at": AT, "ended": False}])),
        }
        return alive | {"state": "DECEASED", "documents": documents, "rare": rare, **whose}

    return of_the_dead() if dead else dice.choice((space, where_what_is_fine_decides))(), space()


_AUTHZ = """
INSERT INTO authz (space_id, state, allow_bris_de_glace, allow_centre_15, allow_masked_in_emergency, emergency_until,
  teamed, restricted, guarded, safeguarded)
VALUES (%(space)s, %(state)s, %(glass)s, %(regulation)s, %(masked_too)s, %(until)s, %(teamed)s, %(restricted)s,
  %(guarded)s, %(topics)s)
"""
_LINE = """
INSERT INTO authorisation (space_id, authorisation_id, effect, rpps, finess, team_id, origin, recorded_by,
  is_administrator, starts_at, ends_at, ended_at, shared_finess, shared_team)
VALUES (%s, gen_random_uuid(), %s, %s, %s, %s, %s, 'x', %s, %s, %s, %s, %s, %s)
"""
_EMERGENCY = """
INSERT INTO emergency_access (space_id, emergency_id, mode, rpps, session, reason_enc, asked_at, granted_at, ends_at,
  ended_at) VALUES (%s, gen_random_uuid(), %s, %s, %s, '', %s, %s, %s, %s)
"""
_WISH = """
INSERT INTO access_restriction (space_id, restriction_id, effect, logical_id, category, received_from, everyone, rpps,
  professions, finess, starts_at, ends_at, ended_at, recorded_by)
VALUES (%(space)s, gen_random_uuid(), %(effect)s, %(logical)s, %(category)s, %(since)s, %(everyone)s, %(rpps)s,
  %(professions)s, %(finess)s, %(starts_at)s, %(ends_at)s, %(ended_at)s, 'x')
"""
_DOCUMENT = """
INSERT INTO document (space_id, document_id, logical_id, version, status, type_code, class_code, category, masque_ps,
  invisible_patient, invisible_representants, author_kind, author_rpps, author_finess, unique_id_digest, content_digest,
  content_type, size, blob_id, key_version, document_date, received_at, changed_at, resource_enc, summary_enc)
VALUES (%(space)s, %(id)s, %(id)s, 1, %(status)s, %(type_code)s, '10', %(category)s, %(masked)s, %(invisible)s,
  %(representants)s, %(author_kind)s, %(author_rpps)s, %(author_finess)s, uuid_send(%(id)s), '', 'text/plain', 1,
  %(id)s, 1, %(at)s, %(received_at)s, %(at)s, '', '')
"""
_HELD = """
INSERT INTO delegation (space_id, delegation_id, delegate, kind, basis, origin, person_enc, withheld, recorded_by,
  recorded_at, accepted_at, starts_at, ends_at, ended_at, discreet_from, documents, agenda)
VALUES (%(space)s, %(id)s, sha256(uuid_send(%(id)s)), %(kind)s, %(basis)s, 'invitation', '', %(withheld)s, 'x', %(at)s,
  %(accepted_at)s, %(starts_at)s, %(ends_at)s, %(ended_at)s, %(discreet_from)s, %(documents)s, NOT %(documents)s)
"""
_HEIRS = """
INSERT INTO heirs_reading (space_id, request_id, rpps, capacity, withheld, granted_at, ends_at, ended_at)
VALUES (%(space)s, %(id)s, %(rpps)s, 'heir', %(withheld)s, %(granted_at)s, %(ends_at)s, %(ended_at)s)
"""
SOFTWARE_ROW = "INSERT INTO care_software VALUES (%s, 'S', %s, '{}', '{}', %s, %s, %s)"
_numbers = itertools.count(10)


class Loaded(NamedTuple):
    """A world in the database: its two space ids, and the documents of each as the decision sees them."""

    ids: tuple[SpaceId, SpaceId]
    documents: dict[SpaceId, list[DocumentFacts]]
    held: dict[SpaceId, list[UUID]]


def load(connection, world):
    """Insert a world under ids of its own."""
    ids = tuple(SpaceId(UUID(int=next(_numbers))) for _ in world)
    facts, held = {}, {}
    for space, content in zip(ids, world, strict=True):
        team = UUID(int=next(_numbers))
        if content["state"] is not None:
            _rights(connection, space, content)
        _team(connection, space, team, content["rare"]["member"])
        for line in content["lines"]:
            _line(connection, space, team, line)
        _emergency(connection, space, content["rare"])
        facts[space] = [_document(connection, space, document) for document in content["documents"]]
        for wish in content["wishes"]:
            _wish(connection, space, facts[space][0], wish)
        held[space] = [_held(connection, space, one) for one in content["held"]]
        for one in content["heirs"]:
            moments = {"granted_at": AT - DAY, "ended_at": AT - DAY / 4 if one["ended"] else None}
            connection.execute(_HEIRS, one | moments | {"space": space, "id": UUID(int=next(_numbers))})
    return Loaded(ids, facts, held)


def _rights(connection, space, content):
    rare = content["rare"]
    flags = {
        "until": AT if rare["emergency"] else None,
        "teamed": rare["member"] is not None,
        "restricted": bool(content["wishes"]),
        "guarded": bool(rare["topics"]) or any(document["apart"] for document in content["documents"]),
    }
    connection.execute(_AUTHZ, {**rare, **flags, "space": space, "state": content["state"]})


def _team(connection, space, team, member):
    connection.execute("INSERT INTO care_team VALUES (%s, %s, '', %s)", (space, team, AT))
    if member is not None:
        rpps, finess = (member[1], None) if member[0] == "rpps" else (None, member[1])
        connection.execute(
            "INSERT INTO care_team_member (space_id, team_id, rpps, finess, added_at) VALUES (%s, %s, %s, %s, %s)",
            (space, team, rpps, finess, AT),
        )


def _line(connection, space, team, line):
    kind, value = line["grantee"]
    effect = "permit" if kind == "team" else line["effect"]
    rpps, finess = (value if kind == one else None for one in ("rpps", "finess"))
    shares = line["shared"] if effect == "permit" and rpps is not None else None
    administrator = line["administrator"] and effect == "permit" and rpps is not None and shares is None
    named = (effect, rpps, finess, team if kind == "team" else None, "professional" if shares else "person")
    moments = (line["starts_at"], line["ends_at"], line["ended_at"])
    shared = (FINESS[0] if shares == "house" else None, team if shares == "team" else None)
    connection.execute(_LINE, (space, *named, administrator, *moments, *shared))


def _emergency(connection, space, rare):
    if rare["emergency"] is not None:
        begins = rare["granted_at"]
        values = (rare["emergency"], RPPS[0], SESSION, begins, begins, begins + DAY / 24, AT if rare["over"] else None)
        connection.execute(_EMERGENCY, (space, *values))


def _held(connection, space, held):
    row = UUID(int=next(_numbers))
    starts_at, ends_at = held["starts_at"], max(held["ends_at"], held["starts_at"] + DAY / 48)
    moments = {"starts_at": starts_at, "ends_at": ends_at, "at": AT, "discreet_from": held["discreet_from"]}
    basis = "chosen" if held["kind"] == "carer" else "parental"
    moments["documents"] = held["kind"] != "carer" or not held["agenda_only"]
    flags = {"accepted_at": AT if held["accepted"] else None, "ended_at": AT - DAY / 2 if held["ended"] else None}
    connection.execute(_HELD, {**held, **moments, **flags, "basis": basis, "space": space, "id": row})
    return row


def _wish(connection, space, document, wish):
    names, covers = wish["names"], wish["covers"]
    if names == "everyone":
        wish = wish | {"effect": "hide"}
    ends_at = wish["ends_at"] if wish["ends_at"] and wish["ends_at"] > wish["starts_at"] else None
    params = {
        "space": space,
        "logical": document.logical_id if covers == "document" else None,
        "category": covers if covers == "BIOLOGIE" else None,
        "since": AT if covers == "since" else None,
        "everyone": names == "everyone",
        "rpps": {"rpps": [RPPS[0]], "other": ["10999999993"]}.get(names, []),
        "professions": [DOCTOR] if names == "profession" else [],
        "finess": [FINESS[0]] if names == "finess" else [],
    }
    connection.execute(_WISH, wish | params | {"ends_at": ends_at})


def _document(connection, space, content):
    masked, invisible = content["codes"]
    row = UUID(int=next(_numbers))
    known = {key: value for key, value in content.items() if key not in {"codes", "representants", "apart"}}
    params = known | {"space": space, "id": row, "masked": masked, "invisible": invisible, "at": AT}
    connection.execute(_DOCUMENT, params | {"representants": content["representants"]})
    if content["apart"]:
        connection.execute("INSERT INTO safeguarded_document VALUES (%s, %s, %s)", (space, row, AT))
    return DocumentFacts(
        document_id=row,
        logical_id=row,
        masque_ps=masked,
        invisible_patient=invisible,
        invisible_representants=content["representants"],
        **known,
    )
