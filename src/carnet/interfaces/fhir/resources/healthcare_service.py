"""What a mailbox accepts from persons as a FHIR HealthcareService, read and written.

The mailbox in `telecom`; kinds in `type`; hours and absences in `availableTime` and `notAvailable`; the automatic
answer in `extraDetails`; what FHIR has no element for in extensions of ours. `active: false` takes everything back.
How much of each is the business of `messaging`. Source: FHIR R4 HealthcareService.
"""

import re
from datetime import date
from typing import Any, Final

import msgspec

from carnet.interfaces.fhir.errors import malformed
from carnet.interfaces.fhir.resources.elements import Node, bad_date, codings, missing, read_moment
from carnet.interfaces.fhir.resources.mailbox import name_of_mailbox
from carnet.kernel.errors import Invalid, Problem
from carnet.kernel.legal_day import legal_day
from carnet.messaging.api import Absence, KnownRules, Opening, Period, PracticeRules, Quota, RequestKind, read_address

KINDS: Final = "https://carnet.invalid/fhir/CodeSystem/request-kind"
_OURS: Final = "https://carnet.invalid/fhir/StructureDefinition"
QUOTA: Final = f"{_OURS}/practice-quota"
ANSWER_DAYS: Final = f"{_OURS}/practice-answer-days"
FREE_ANSWERS: Final = f"{_OURS}/practice-free-answers"
ENGLISH: Final = f"{_OURS}/practice-automatic-english"
VISITORS: Final = f"{_OURS}/practice-visitors"
DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TIME: Final = re.compile(r"([0-9]{2}:[0-9]{2}):00(?:\.0{1,9})?", re.ASCII)
_ABSENCE: Final = "Absence"
"""How an absence is described by who names nobody to reach instead; FHIR wants a description."""
_DAY: Final = len("2026-12-20")


class GivenRules(msgspec.Struct, frozen=True, kw_only=True):
    """What a HealthcareService says. identifier: its id, None when it has none; rules: None takes them back."""

    identifier: str | None
    address: str
    rules: PracticeRules | None


def read_service(tree: dict[str, Any]) -> GivenRules:
    """Return what a HealthcareService says. Raises Malformed or Invalid."""
    said = Node(tree, "HealthcareService")
    if said.resource_type != "HealthcareService":
        raise malformed(
            "resource-type",
            "Un HealthcareService est attendu.",
            "A HealthcareService is expected.",
            said.at("resourceType"),
        )
    address, identifier = _address(said), said.text("id")
    active = said.boolean("active")
    return GivenRules(identifier=identifier, address=address, rules=_rules(said) if active is not False else None)


def service_resource(known: KnownRules) -> dict[str, Any]:
    """Return the HealthcareService of a mailbox's rules."""
    rules = known.rules
    extensions: list[dict[str, Any]] = [
        {"url": FREE_ANSWERS, "valueBoolean": rules.free_answers},
        {"url": VISITORS, "valueBoolean": rules.visitors},
    ]
    if rules.quota is not None:
        number = {"url": "requests", "valueInteger": rules.quota.requests}
        extensions.append({"url": QUOTA, "extension": [number, {"url": "per", "valueCode": str(rules.quota.per)}]})
    if rules.answer_days is not None:
        extensions.append({"url": ANSWER_DAYS, "valueInteger": rules.answer_days})
    if rules.automatic_english:
        extensions.append({"url": ENGLISH, "valueString": rules.automatic_english})
    found = {
        "resourceType": "HealthcareService",
        "id": name_of_mailbox(known.address),
        "meta": {"versionId": known.version, "lastUpdated": known.set_at.isoformat()},
        "extension": extensions,
        "active": True,
        "type": [{"coding": [{"system": KINDS, "code": str(kind)}]} for kind in rules.kinds],
        "telecom": [{"system": "email", "value": known.address}],
        "extraDetails": rules.automatic,
        "availableTime": [_time(one) for one in rules.hours],
        "notAvailable": [
            {
                "description": one.instead or _ABSENCE,
                "during": {"start": one.first.isoformat(), "end": one.last.isoformat()},
            }
            for one in rules.absences
        ],
    }
    return {name: value for name, value in found.items() if value}


def service_taken_back(address: str) -> dict[str, Any]:
    """Return the HealthcareService of a mailbox that says nothing any more."""
    told = {"telecom": [{"system": "email", "value": address}]}
    return {"resourceType": "HealthcareService", "id": name_of_mailbox(address), "active": False, **told}


def _address(said: Node) -> str:
    mailboxes = [one for one in said.nodes("telecom") if one.text("system") == "email"]
    if len(mailboxes) != 1:
        raise malformed(
            "one-mailbox",
            "Exactement une boîte est attendue (system: email).",
            "Exactly one mailbox is expected (system: email).",
            said.at("telecom"),
        )
    address = read_address(mailboxes[0].required("value"))
    if address is None:
        path = mailboxes[0].at("value")
        raise malformed("mailbox-malformed", "Ce n'est pas l'adresse d'une boîte.", "This is no mailbox address.", path)
    return address.address


def _rules(said: Node) -> PracticeRules:
    quota, days, english = said.extension(QUOTA), said.extension(ANSWER_DAYS), said.extension(ENGLISH)
    return PracticeRules(
        kinds=tuple(dict.fromkeys(_kind(one) for one in said.nodes("type"))),
        hours=tuple(_opening(one) for one in said.nodes("availableTime")),
        absences=tuple(_absence(one) for one in said.nodes("notAvailable")),
        quota=_quota(quota) if quota else None,
        answer_days=_number(days) if days else None,
        automatic=said.text("extraDetails") or "",
        automatic_english=(english.text("valueString") if english else None) or "",
        free_answers=said.flag(FREE_ANSWERS, default=True),
        visitors=said.flag(VISITORS, default=True),
    )


def _kind(concept: Node) -> RequestKind:
    found = next((one.code for one in codings(concept) if one.system == KINDS), "")
    if found not in list(RequestKind):
        raise _unknown(concept.path, RequestKind)
    return RequestKind(found)


def _opening(said: Node) -> Opening:
    days = said.texts("daysOfWeek")
    if not days:
        raise missing(said.at("daysOfWeek"))
    if not set(days) <= set(DAYS):
        raise _unknown(said.at("daysOfWeek"), DAYS)
    named = tuple(number for number, day in enumerate(DAYS, start=1) if day in days)
    return Opening(named, _hour(said, "availableStartTime"), _hour(said, "availableEndTime"))


def _hour(said: Node, name: str) -> str:
    read = _TIME.fullmatch(said.required(name))
    if read is None:
        raise malformed(
            "time-malformed",
            "Une heure est attendue, à la minute et sans fuseau : 09:00:00.",
            "A time is expected, to the minute and without a zone: 09:00:00.",
            said.at(name),
        )
    return read[1]


def _absence(said: Node) -> Absence:
    during = said.node("during")
    if during is None:
        raise missing(said.at("during"))
    described = said.text("description") or ""
    instead = "" if described == _ABSENCE else " ".join(described.split())
    return Absence(_day(during, "start"), _day(during, "end"), instead)


def _day(during: Node, name: str) -> date:
    """Return the day in Paris of a date or dateTime; a month alone would be two days, one for each end."""
    written, path = during.required(name), during.at(name)
    if len(written) < _DAY:
        raise bad_date(path)
    try:
        return legal_day(read_moment(written, path=path))
    except OverflowError:  # the last hour of the year 9999 is the year 10000 in Paris
        raise bad_date(path) from None


def _quota(said: Node) -> Quota:
    number, per = said.extension("requests"), said.extension("per")
    if number is None or per is None:
        raise missing(said.at("extension"))
    period = per.required("valueCode")
    if period not in list(Period):
        raise _unknown(per.at("valueCode"), Period)
    return Quota(_number(number), Period(period))


def _number(said: Node) -> int:
    value = said.integer("valueInteger")
    if value is None:
        raise missing(said.at("valueInteger"))
    return value


def _time(one: Opening) -> dict[str, Any]:
    return {
        "daysOfWeek": [DAYS[day - 1] for day in sorted(set(one.days))],
        "availableStartTime": f"{one.opens}:00",
        "availableEndTime": f"{one.closes}:00",
    }


def _unknown(path: str, known: Any) -> Invalid:
    """Return the refusal of a code that is none of `known`."""
    codes = ", ".join(str(one) for one in known)
    return Invalid(
        Problem("service-unknown-code", f"Code inconnu ; connus : {codes}.", f"Unknown code; known: {codes}.", path)
    )
