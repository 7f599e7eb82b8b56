"""The pages about who may see what, in every state: name → (template, page, tab). Merged into `states.STATES`."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from carnet.access.api import current_matrix
from carnet.design.language import Language
from carnet.design.parts import Form
from carnet.design.shell import FieldError
from carnet.interfaces.portal.presenters import (
    authorise,
    consent_code,
    emergency,
    matrix,
    restrictions,
    see_as,
    terms,
    topics,
    welcome,
)
from carnet.interfaces.portal.sources.matrix import matrix_facts
from carnet.spaces.api import Contact
from journeys.gallery import people as p

EMERGENCY = emergency.EmergencyFacts(centre_15=True, glass=True, masked=False)
OPENED = tuple(
    emergency.OpenedFacts(
        party=party,
        regulation=regulation,
        began_at=p.NOW - timedelta(days=days),
        ended_at=p.NOW - timedelta(days=days) + timedelta(minutes=30),
        seconded=not regulation,
        reason="Inconscient, arrivé seul aux urgences, antécédents inconnus.",
    )
    for party, regulation, days in ((p.DR_PETIT, False, 2), (p.DR_ROUX, True, 40))
)
KNOWN_TOPICS = tuple(topics.TOPICS)
RESTRICTIONS = (
    restrictions.RestrictionFacts(
        id="1", effect="hide", document="doc-2", title="Bilan sanguin", parties=("Dr Luc Petit",), since=p.NOW
    ),
    restrictions.RestrictionFacts(
        id="2", effect="only", category="BIOLOGIE", professions=("10",), since=p.NOW, until=p.NOW + timedelta(days=30)
    ),
    restrictions.RestrictionFacts(id="3", effect="hide", to_come=True, everyone=True, since=p.NOW),
)
SEEN = tuple(
    see_as.Seen(
        document, visible=number % 3 != 2, reason=("authorised-professional", "depositor", "masked")[number % 3]
    )
    for number, document in enumerate(p.DOCUMENTS[:6])
)


def _matrix(language: Language, **narrowed: str) -> matrix.MatrixPage:
    facts = matrix_facts(current_matrix(), language=language.code, day=p.NOW.date())
    return matrix.present_matrix(language=language, facts=facts, **narrowed)


def _add_limit(language: Language, **more: Any) -> restrictions.AddLimitPage:
    facts: dict[str, Any] = {"form": Form(), "parties": (p.DR_ROUX, p.HOSPITAL_PARTY)} | more
    return restrictions.present_add_limit(language=language, **facts)


def _seen(language: Language, **more: Any) -> see_as.SeeAsPage:
    facts: dict[str, Any] = {"party": p.DR_ROUX, "enters": True, "documents": SEEN} | more
    return see_as.present_see_as(language=language, facts=see_as.SeeAsFacts(**facts))


ACCESS_STATES: dict[str, tuple[str, Callable[[Language], Any], str]] = {
    "matrix": ("matrix.html", lambda language: _matrix(language, shelf="BIOLOGIE"), "access"),
    "matrix-one": ("matrix.html", lambda language: _matrix(language, group="PHA", shelf="CPT_REND"), "access"),
    "authorise": (
        "authorise.html",
        lambda language: authorise.present_authorise(language=language, party=p.DR_ROUX),
        "access",
    ),
    "authorise-again": (
        "authorise.html",
        lambda language: authorise.present_authorise(
            language=language, party=p.STANDINGS[0].party, known=p.STANDINGS[0]
        ),
        "access",
    ),
    "emergency": (
        "emergency.html",
        lambda language: emergency.present_emergency(language=language, facts=EMERGENCY),
        "access",
    ),
    "emergency-took-place": (
        "emergency.html",
        lambda language: emergency.present_emergency(language=language, facts=EMERGENCY, opened=OPENED),
        "access",
    ),
    "code": (
        "consent_code.html",
        lambda language: consent_code.present_code(
            language=language,
            required=True,
            code=consent_code.CodeFacts("402817", "carnet-consent:1:abc:402817", p.NOW + timedelta(minutes=10)),
        ),
        "access",
    ),
    "code-none": (
        "consent_code.html",
        lambda language: consent_code.present_code(language=language, required=False),
        "access",
    ),
    "limits": (
        "limits.html",
        lambda language: restrictions.present_limits(
            language=language, restrictions=RESTRICTIONS, masked_by_default=False
        ),
        "access",
    ),
    "limits-none": (
        "limits.html",
        lambda language: restrictions.present_limits(language=language, restrictions=(), masked_by_default=True),
        "access",
    ),
    "add-limit": ("add_limit.html", _add_limit, "access"),
    "add-limit-document": (
        "add_limit.html",
        lambda language: _add_limit(
            language,
            document="doc-2",
            title="Bilan sanguin",
            form=Form({"qui": "nommes"}, (FieldError("qui", "Choisissez au moins une personne ou un lieu."),)),
        ),
        "access",
    ),
    "see-as-choose": (
        "see_as_choose.html",
        lambda language: see_as.present_choose(
            language=language, form=Form(), found=None, known=(p.DR_ROUX, p.DR_PETIT), mine=True
        ),
        "access",
    ),
    "see-as": ("see_as.html", _seen, "access"),
    "see-as-out": (
        "see_as.html",
        lambda language: _seen(language, enters=False, why_not="blocked", documents=()),
        "access",
    ),
    "topics": (
        "topics.html",
        lambda language: topics.present_topics(
            language=language,
            known=KNOWN_TOPICS,
            chosen=frozenset({"mental-health"}),
            until=p.NOW,
            channel=topics.present_channel(Contact(email=None), language=language, at=p.NOW),
        ),
        "access",
    ),
    "terms": (
        "terms.html",
        lambda language: terms.present_terms(language=language, terms="2026-11", agreed=None, agreed_at=None),
        "settings",
    ),
    "welcome": (
        "welcome.html",
        lambda language: welcome.present_welcome(
            language=language,
            first_name="Jeanne",
            masked_by_default=False,
            emergency=EMERGENCY,
            topics=KNOWN_TOPICS,
            chosen=frozenset(),
        ),
        "home",
    ),
}
