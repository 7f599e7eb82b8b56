"""What a reader may try who knows more than they should: ids, identifiers, tags and links of what is hidden."""

import hashlib
import json
from collections.abc import Callable

import msgspec

from carnet.interfaces.fhir.search.parameters import DOCUMENTS, LISTS
from carnet.kernel.ids import routable
from factories.fhir import TAKING_BACK, archiving, labelling, reference, transaction
from factories.two_worlds import MADE_UP, Worlds
from factories.visit import SITE, Ask, Reader
from interfaces.two_worlds.cast import MAILBOX, Cast, Put
from interfaces.two_worlds.grammar import drawn_queries

URI = "urn:ietf:rfc:3986"


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What was hidden, and what somebody who may see it was shown: the tag of each answer, the link to a next page."""

    hidden: list[Put]
    tags: tuple[str, ...] = ()
    cursor: str = ""


async def betrayed(worlds: Worlds, cast: Cast, hidden: list[Put]) -> Known:
    """Look as a colleague of the depositor would, and keep what they could pass on."""
    colleague = msgspec.structs.replace(
        cast.colleague, client_id=cast.software.client_id, client_name=cast.software.client_name
    )
    reader = worlds.with_token(colleague, values={})
    tags = []
    for one in hidden:
        path = f"/fhir/DocumentReference/{routable(cast.person.space, one.document)}"
        answer = await worlds.ask(reader, Ask(path=path))
        assert answer.status == 200, "whoever deposited it reads it"
        tags.append(dict(answer.headers)[b"etag"].decode())
    answer = await worlds.ask(reader, Ask(path=f"/fhir/DocumentReference{patient_query(cast)}&_count=1"))
    links = {one["relation"]: one["url"] for one in json.loads(answer.body)["link"]}
    return Known(hidden=hidden, tags=tuple(tags), cursor=links["next"].removeprefix(SITE))


def at_pages(cast: Cast, name: str) -> Callable[[Known], Reader]:
    """Someone at their pages, who also knows the address of what is hidden from them."""

    def reader(known: Known) -> Reader:
        values = {
            "document": (*(str(one.document) for one in known.hidden), str(MADE_UP), *map(str, cast.visible[:2])),
            "index": ("0", "1"),
            "number": ("0", "1"),
            "notification": (str(MADE_UP),),
            "session": (str(MADE_UP),),
            "place": ("x",),
            "mailbox": (hashlib.sha256(MAILBOX.encode()).hexdigest(), "0" * 64),
            "export": (str(MADE_UP),),
            "mail": (str(MADE_UP),),
            "message": (str(MADE_UP),),
            "conversation": (str(MADE_UP),),
            "draft": (str(MADE_UP),),
            "entry": (str(MADE_UP),),
            "contact": (str(MADE_UP),),
            "hold": (*(str(one.hold) for one in known.hidden if one.hold), str(MADE_UP)),
            "rpps": (cast.readers["doctor"].identifier,),
        }
        base = cast.pages[name]
        return msgspec.structs.replace(base, values=base.values | values)

    return reader


def by_fhir(worlds: Worlds, cast: Cast, name: str, *, queries: int = 0) -> Callable[[Known], Reader]:
    """Someone with a token, who knows the ids of what is hidden from them; queries: how many to draw beside."""

    drawn: list[tuple[Ask, ...]] = []  # once: every world is asked the same

    def reader(known: Known) -> Reader:
        space = cast.person.space
        ids = tuple(routable(space, one) for one in (*(put.document for put in known.hidden), MADE_UP, cast.visible[0]))
        sets = (routable(space, known.hidden[0].set), routable(space, cast.sets[0]))
        plain = cast.readers[name]
        actor = msgspec.structs.replace(plain, client_id=cast.elsewhere.client_id, client_name="Dossier Clair")
        if not drawn:
            drawn.append((*tricks(cast, known, ids), *drawn_queries(cast, known, number=queries)))
        form = patient_query(cast)[1:].replace(":", "%3A")
        return worlds.with_token(
            actor,
            values={"id": (*ids, *sets), "rest": ("_history", "_history/1", "$everything")},
            queries={
                "/fhir/DocumentReference": searches(cast, known, DOCUMENTS),
                "/fhir/List": searches(cast, known, LISTS),
                "/fhir/Communication": (patient_query(cast), f"?patient=Patient/{space.hex}"),
                "/fhir/Patient": (f"?identifier=urn:oid:{cast.person.ins.oid}%7C{cast.person.ins.matricule}",),
            },
            bodies={
                ("POST", "/fhir/DocumentReference"): (replacing(cast, ids[0]),),
                ("POST", "/fhir/DocumentReference/_search"): (form.encode(),),
                ("POST", "/fhir/Communication/_search"): (form.encode(),),
                ("POST", "/fhir/Communication"): tuple(written(cast, one) for one in ids),
                **called(cast),
            },
            beside=drawn[0],
        )

    return reader


def written(cast: Cast, about: str) -> bytes:
    """A message to the person that points at a document: nobody learns from it whether that is there."""
    whom = {"system": f"urn:oid:{cast.person.ins.oid}", "value": cast.person.ins.matricule}
    said = {"resourceType": "Communication", "status": "completed", "recipient": [{"identifier": whom}]}
    said |= {"topic": {"text": "Votre document"}, "about": [{"reference": f"DocumentReference/{about}"}]}
    pointing = {"contentReference": {"reference": f"DocumentReference/{about}"}}
    return json.dumps(said | {"payload": [{"contentString": "Bonjour."}, pointing]}).encode()


def called(cast: Cast) -> dict[tuple[str, str], tuple[bytes, ...]]:
    """What operations are asked for, each about the patient or about whatever id is tried."""
    ins = {"system": f"urn:oid:{cast.person.ins.oid}", "value": cast.person.ins.matricule}
    whom = {"name": "patient", "valueIdentifier": ins}
    code, wanted = {"name": "code", "valueCode": "MASQUE_PS"}, {"name": "set", "valueBoolean": True}
    kept = {"name": "code", "valueCode": "INVISIBLE_REPRESENTANTS_LEGAUX"}
    glass = {"name": "mode", "valueCode": "bris_de_glace"}
    reason = {"name": "reason", "valueString": "Inconscient, arrivé seul aux urgences."}
    hold = {"name": "code", "valueCode": "INVISIBLE_PATIENT"}
    days = {"name": "days", "valueInteger": 2}
    why = {"name": "reason", "valueCode": "to-explain"}
    address = "/fhir/DocumentReference/{id:str}/$set-confidentiality"
    return {
        ("POST", "/fhir/Patient/$open-emergency"): (_parameters(whom, glass, reason),),
        ("POST", "/fhir/Patient/$end-emergency"): (_parameters(whom),),
        ("POST", "/fhir/Patient/$launch"): (_parameters(whom),),
        ("PATCH", "/fhir/DocumentReference/{id:str}"): (
            archiving(wanted=True),
            archiving(wanted=False),
            *map(labelling, ("MASQUE_PS", "INVISIBLE_PATIENT", "INVISIBLE_REPRESENTANTS_LEGAUX", "N")),
            TAKING_BACK,
        ),
        ("POST", address): (
            _parameters(code, wanted),
            _parameters(kept, wanted),
            _parameters(hold, wanted, days, why),
            _parameters(hold, wanted | {"valueBoolean": False}),
        ),
    }


def _parameters(*parts: dict) -> bytes:
    return json.dumps({"resourceType": "Parameters", "parameter": parts}).encode()


def patient_query(cast: Cast) -> str:
    """Which patient, as a query."""
    return f"?patient.identifier=urn:oid:{cast.person.ins.oid}%7C{cast.person.ins.matricule}"


def searches(cast: Cast, known: Known, parameters) -> tuple[str, ...]:
    """Each parameter of the table with values that fit and values that do not, and what can be asked beside."""
    patient, hidden = patient_query(cast), known.hidden[0]
    named = f"{URI}%7C{hidden.unique_id}"
    values = {
        "token": ("current", "superseded", "18748-4", "10", "N", routable(cast.person.space, hidden.document), named),
        "date": ("2026-11-21", "ge2026-11-01", "lt2026-11-21T10:02:00Z"),
        "string": ("Mar", "zzz"),
        "reference": (f"Patient/{cast.person.space.hex}",),
    }
    asked = [
        f"&{parameter.name}={value}"
        for parameter in parameters
        if not parameter.name.startswith("patient")
        for value in values[parameter.kind]
    ]
    beside = ("_summary=count", "_count=1", "_count=1&_sort=-date", "_count=2&_sort=creation", "_total=accurate")
    foreign = ("_include=*", "_revinclude=List:item", "_has:List:item:code=x", "_elements=id", "_list=x", "_filter=x")
    alone = (f"?_id={routable(cast.person.space, hidden.document)}", "", "?patient=x")
    return (patient, *(patient + one for one in asked), *(f"{patient}&{one}" for one in (*beside, *foreign)), *alone)


def replacing(cast: Cast, target: str) -> bytes:
    """A document that says it replaces one."""
    resource = reference(cast.person, masterIdentifier={"system": URI, "value": "urn:oid:1.2.3.4"})
    resource["relatesTo"] = [{"code": "replaces", "target": {"reference": f"DocumentReference/{target}"}}]
    return json.dumps(resource).encode()


def tricks(cast: Cast, known: Known, ids: tuple[str, ...]) -> list[Ask]:
    """Conditions on what is hidden, other people's tags and links, identifiers already taken."""
    query, hidden = patient_query(cast), known.hidden[0]
    named = f"identifier={URI}%7C{hidden.unique_id}"
    strict = (("prefer", "handling=strict"),)
    conditional = (("if-none-exist", named.replace("%7C", "|")),)
    asked = [
        Ask(path=f"/fhir/{kind}{query}&{more}", headers=strict)
        for kind in ("DocumentReference", "List")
        for more in (named, "_include=*", "_count=1", "unknown=x", f"_id={ids[0]}")
    ]
    asked += [
        Ask(path=f"/fhir/{kind}/{one}", headers=(("if-none-match", tag),))
        for kind in ("DocumentReference", "Binary", "List")
        for one in (ids[0], ids[-1])
        for tag in (*known.tags[:2], "*")
    ]
    asked += [Ask(path=known.cursor), Ask(path=known.cursor, headers=strict)] if known.cursor else []
    same = {"masterIdentifier": {"system": URI, "value": hidden.unique_id}}
    by_name = {"relatesTo": [{"code": "replaces", "target": {"identifier": same["masterIdentifier"]}}]}
    posts = [
        (reference(cast.person, masterIdentifier={"system": URI, "value": "urn:oid:1.2.3.5"}), conditional),
        (reference(cast.person, masterIdentifier={"system": URI, "value": "urn:oid:1.2.3.6"}, **by_name), ()),
        (reference(cast.person, **same), ()),
        (reference(cast.person, content=b"autre", **same), ()),
    ]
    asked += [
        Ask(method="POST", path="/fhir/DocumentReference", body=json.dumps(body).encode(), headers=headers)
        for body, headers in posts
    ]
    return [*asked, Ask(method="POST", path="/fhir", body=json.dumps(_same_set(cast, hidden)).encode())]


def _same_set(cast: Cast, hidden: Put) -> dict[str, object]:
    """A submission under the identifier of a hidden one, its document to be made only if it does not exist."""
    bundle = transaction(cast.person, b"encore", masterIdentifier={"system": URI, "value": "urn:oid:1.2.3.7"})
    submission, document = bundle["entry"][0], bundle["entry"][1]
    submission["resource"]["identifier"][0]["value"] = hidden.set_unique_id
    document["request"]["ifNoneExist"] = f"identifier={URI}|{hidden.unique_id}"
    return bundle
