"""A software launched for one patient reaches nobody else by any interaction: the wall stands in the decision itself.

Every row of the door's own table is tried; one that this file does not cover fails the first test. The doctor may see
both people, their software may do everything, and what is asked for would be granted to a token that no launch made.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec
import pytest

from carnet.access.api import AccessSwitches, Mode, authorise, change_switches, open_emergency, own_consents
from carnet.access.rules import decide as rule
from carnet.interfaces.fhir import probing
from carnet.interfaces.fhir.router import INTERACTIONS
from carnet.kernel.ids import routable
from factories.events import as_owner
from factories.fhir import acting, archiving, reference, transaction
from factories.world import AT, make_person, make_professional

REASON = "Patient inconscient aux urgences, antécédents inconnus."


class World(NamedTuple):
    """The doctor, launched for `inside`; what they ask about is `outside`'s."""

    doctor: Any
    launched: Any
    inside: Any
    outside: Any
    document: str
    submission: str
    consent: str
    handle: str
    other: str

    def token(self) -> str:
        return f"urn:oid:{self.outside.ins.oid}|{self.outside.ins.matricule}"


@pytest.fixture
async def world(client):
    inside, outside, doctor = await make_person(), await make_person(), await make_professional()
    probing.limits.__init__(burst=30)
    doctor = msgspec.structs.replace(doctor, session="first")
    for person in (inside, outside):
        await authorise(actor=person.actor, space=person.space, rpps=doctor.rpps, administrator=True, at=AT)
    (own,) = await own_consents(actor=doctor, space=outside.space, at=AT)
    wishes = AccessSwitches(**(dict.fromkeys(AccessSwitches.__struct_fields__, False) | {"bris_de_glace": True}))
    await change_switches(actor=outside.actor, space=outside.space, switches=wishes, at=AT)
    given = await client.post("", json=transaction(outside), headers=acting(doctor))
    places = [entry["response"]["location"] for entry in given.json()["entry"]]
    return World(
        doctor=doctor,
        launched=msgspec.structs.replace(doctor, acts_for=inside.space),
        inside=inside,
        outside=outside,
        document=places[1].split("/")[1],
        submission=places[0].split("/")[1],
        consent=routable(outside.space, own.authorisation_id),
        handle=await waiting(outside, doctor),
        other=(await make_professional()).rpps,
    )


async def waiting(person, doctor):
    """A colleague of the doctor's, past their budget, waits for somebody to approve."""
    colleague = msgspec.structs.replace(await make_professional(finess=doctor.organisation), session="theirs")
    for _ in range(20):
        answer = await open_emergency(
            actor=colleague, space=person.space, mode=Mode.BRIS_DE_GLACE, reason=REASON, at=AT
        )
        if not answer.granted:
            return answer.handle
    raise AssertionError("the budget has no end")


def called(world, **parts):
    ins = {"system": f"urn:oid:{world.outside.ins.oid}", "value": world.outside.ins.matricule}
    named = [{"name": name, kind: value} for name, (kind, value) in parts.items()]
    return {"resourceType": "Parameters", "parameter": [{"name": "patient", "valueIdentifier": ins}, *named]}


def only(**parts):
    return {"resourceType": "Parameters", "parameter": [{"name": name, k: v} for name, (k, v) in parts.items()]}


def consent(world):
    ins = {"system": f"urn:oid:{world.outside.ins.oid}", "value": world.outside.ins.matricule}
    return {
        "resourceType": "Consent",
        "status": "active",
        "patient": {"identifier": ins},
        "provision": {"type": "permit"},
    }


FORM = {"content-type": "application/x-www-form-urlencoded"}
EMERGENCY = {"mode": ("valueCode", "bris_de_glace"), "reason": ("valueString", REASON)}
PATCH = {"content-type": "application/json-patch+json"}
ARCHIVE = archiving(wanted=True)
MASK = only(code=("valueCode", "MASQUE_PS"), set=("valueBoolean", True))

Try = Callable[[World], dict[str, Any]]
# the last in each list is what an ordinary token may do: the others are refused to it too, or change nothing
TRIES: dict[str, list[Try]] = {
    "POST /": [lambda w: {"json": transaction(w.outside)}],
    "POST /DocumentReference": [lambda w: {"json": reference(w.outside)}],
    "GET /DocumentReference": [
        lambda w: {"params": {"patient": w.outside.space.hex}},
        lambda w: {"params": {"_id": w.document}},
        lambda w: {"params": {"patient.identifier": w.token()}},
    ],
    "POST /DocumentReference/_search": [lambda w: {"data": {"patient.identifier": w.token()}, "headers": FORM}],
    "GET /DocumentReference/{id:str}": [lambda w: {"id": w.document}],
    "DELETE /DocumentReference/{id:str}": [lambda w: {"id": w.document}],
    "PATCH /DocumentReference/{id:str}": [lambda w: {"id": w.document, "content": ARCHIVE, "headers": PATCH}],
    "POST /DocumentReference/{id:str}/$set-confidentiality": [lambda w: {"id": w.document, "json": MASK}],
    "GET /Binary/{id:str}": [lambda w: {"id": w.document}],
    "GET /List": [
        lambda w: {"params": {"patient": w.outside.space.hex}},
        lambda w: {"params": {"patient.identifier": w.token()}},
    ],
    "POST /List/_search": [lambda w: {"data": {"patient.identifier": w.token()}, "headers": FORM}],
    "GET /List/{id:str}": [lambda w: {"id": w.submission}],
    "GET /Patient": [lambda w: {"params": {"identifier": w.token()}}],
    "POST /Patient/_search": [lambda w: {"data": {"identifier": w.token()}, "headers": FORM}],
    "POST /Consent": [lambda w: {"json": consent(w)}],
    "GET /Consent": [
        lambda w: {"params": {"patient": w.outside.space.hex}},
        lambda w: {"params": {"patient.identifier": w.token()}},
    ],
    "POST /Consent/_search": [lambda w: {"data": {"patient.identifier": w.token()}, "headers": FORM}],
    "GET /Consent/{id:str}": [lambda w: {"id": w.consent}],
    "POST /Patient/$open-emergency": [lambda w: {"json": called(w, **EMERGENCY)}],
    "POST /Patient/$end-emergency": [lambda w: {"json": called(w)}],
    "POST /Patient/$block": [lambda w: {"json": called(w, rpps=("valueString", w.other))}],
    "POST /Patient/$approve-emergency": [lambda w: {"json": only(handle=("valueString", w.handle))}],
}
OF_NO_PATIENT = {
    "GET /Patient/$waiting-emergencies",
    "GET /PractitionerRole",
    "POST /PractitionerRole/_search",
    "GET /Organization",
    "POST /Organization/_search",
    "GET /HealthcareService",
    "POST /HealthcareService/_search",
    "PUT /HealthcareService/{id:str}",
}
"""Colleagues, never whose space they wait for (`test_a_handle_says_nothing_of_the_space`); directories; what a
mailbox accepts, set by nobody launched (`test_mailboxes.py::test_nobody_says_it_for_another`)."""
MAIL = {"GET /Communication", "POST /Communication", "POST /Communication/_search", "GET /Communication/{id:str}"}
"""Tried where there are mailboxes: `test_communications.py::test_what_was_launched_writes_to_nobody_else`."""
LAUNCHING = "POST /Patient/$launch"


def key_of(one):
    return f"{one.methods[0]} {one.path}"


def test_every_interaction_of_the_door_is_tried():
    assert {key_of(one) for one in INTERACTIONS} == {*TRIES, *OF_NO_PATIENT, *MAIL, LAUNCHING}


async def ask(client, key, sent, actor):
    method, path = key.split(" ")
    sent = dict(sent)
    path = path.replace("{id:str}", sent.pop("id", "")).lstrip("/")
    headers = acting(actor) | sent.pop("headers", {})
    return await client.request(method, path, headers=headers, **sent)


def refused_in(house, person):
    with as_owner(house) as conn:
        return conn.execute(
            "SELECT count(*) FROM journal_entry WHERE space_id = %s AND outcome = 'refused'", (person.space,)
        ).fetchone()[0]


KEPT = ("document", "submission_set", "authorisation", "emergency_access", "authz")


def kept(house, person):
    """Everything that is somebody's, but the journal."""
    with as_owner(house) as conn:
        found = [
            conn.execute(f"SELECT t::text FROM {table} t WHERE space_id = %s ORDER BY 1", (person.space,)).fetchall()
            for table in KEPT
        ]
        found.append(conn.execute("SELECT t::text FROM emergency_waiting t ORDER BY 1").fetchall())
    assert any(found)
    return found


def is_nobody(answer):
    return answer.status_code == 404 or (answer.status_code == 200 and b'"total":0' in answer.content)


@pytest.mark.parametrize("key", TRIES)
async def test_a_launched_token_reaches_nobody_else(client, house, world, key):
    before, tried = kept(house, world.outside), TRIES[key]
    for number, sent in enumerate(tried, start=1):
        counted = refused_in(house, world.outside)
        answer = await ask(client, key, sent(world), world.launched)
        assert is_nobody(answer), (number, answer.status_code, answer.text)
        assert refused_in(house, world.outside) == counted + 1, "one refusal, in the journal of whom it was about"
    assert kept(house, world.outside) == before, "nothing was written"
    allowed = await ask(client, key, tried[-1](world), world.doctor)
    assert not is_nobody(allowed), "an ordinary token may: else this proves nothing"
    assert allowed.status_code < 300, allowed.text


async def test_what_was_launched_launches_nothing_and_leaves_a_trace(client, house, world):
    """Nobody is looked up: the refusal is in the security journal."""
    refused = await ask(client, LAUNCHING, {"json": called(world)}, world.launched)
    assert refused.status_code == 403
    with as_owner(house) as conn:
        (count,) = conn.execute(
            "SELECT count(*) FROM security_entry WHERE outcome = 'refused' AND actor_id = %s", (world.doctor.rpps,)
        ).fetchone()
    assert count == 1


async def test_inside_it_may_what_the_doctor_may(client, world):
    asked = {"params": {"patient": world.inside.space.hex}}
    assert (await ask(client, "GET /DocumentReference", asked, world.launched)).status_code == 200
    given = await ask(client, "POST /DocumentReference", {"json": reference(world.inside)}, world.launched)
    assert given.status_code == 201, given.text


@pytest.mark.parametrize("which", ["launched", "doctor"])
async def test_the_reference_of_one_with_the_ins_of_another_is_refused(client, house, world, which):
    """Whoever sends it: the check that both agree is made beside the wall, not instead of it."""
    sent = reference(world.outside)
    sent["subject"] = {
        "reference": f"Patient/{world.inside.space.hex}",
        "identifier": sent["contained"][0]["identifier"][0],
    }
    before = kept(house, world.outside), kept(house, world.inside)
    answer = await ask(client, "POST /DocumentReference", {"json": sent}, getattr(world, which))
    assert answer.status_code in {404, 422}, answer.text
    assert (kept(house, world.outside), kept(house, world.inside)) == before


async def test_a_wall_that_is_not_in_the_decision_is_seen(client, world, monkeypatch):
    """Planted fault: the decision forgets whom the token was launched for."""
    whole = rule.decide

    def forgetful(actor, need, facts, **more):
        return whole(msgspec.structs.replace(actor, acts_for=None), need, facts, **more)

    monkeypatch.setattr("carnet.access.gate.decide", forgetful)
    answer = await ask(client, "GET /List", {"params": {"patient": world.outside.space.hex}}, world.launched)
    assert answer.status_code == 200


async def test_a_handle_says_nothing_of_the_space(client, house, world):
    listed = await ask(client, "GET /Patient/$waiting-emergencies", {}, world.doctor)
    assert world.handle in listed.text
    with as_owner(house) as conn:
        rows = conn.execute("SELECT t::text FROM emergency_waiting t").fetchall()
    for seen in (listed.text, str(rows)):
        assert world.outside.space.hex not in seen.replace("-", "")
