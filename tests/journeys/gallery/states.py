"""Every page of the portal in every state worth looking at: name → (template, page, signed in, current tab)."""

from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec

from carnet.design.gallery import samples
from carnet.design.language import Language
from carnet.design.parts import Form
from carnet.design.shell import FieldError, Notice
from carnet.interfaces.portal.presenters import (
    access,
    activity,
    after_death,
    document,
    documents,
    edit_document,
    errors,
    home,
    notifications,
    screen,
    settings,
    sign_in,
)
from carnet.spaces.api import Screen
from journeys.gallery import people as p
from journeys.gallery.access_states import ACCESS_STATES


class State(NamedTuple):
    template: str
    page: Callable[[Language], Any]
    tab: str | None = None
    notices: Callable[[Language], tuple[Notice, ...]] = lambda _: ()
    shares: bool = False  # the desk knows which page this is


def _list(query: documents.DocumentQuery, **more: Any) -> Callable[[Language], Any]:
    facts: dict[str, Any] = {
        "documents": p.DOCUMENTS,
        "total": 42,
        "pages": 5,
        "counts": p.COUNTS,
        "authors": p.AUTHORS,
        "now": p.NOW,
    }
    found = documents.DocumentListFacts(**(facts | more))
    return lambda language: documents.present_documents(language=language, facts=found, query=query)


def _detail(number: int, preview: document.PreviewFacts, **more: Any) -> Callable[[Language], Any]:
    facts = p.detail(p.DOCUMENTS[number], preview, **more)
    return lambda language: document.present_document(language=language, facts=facts)


def _new(form: Form) -> Callable[[Language], Any]:
    return lambda language: edit_document.present_new_document(
        language=language, form=form, today=p.NOW.date(), max_bytes=5_000_000
    )


def _activity(query: activity.ActivityQuery, **more: Any) -> Callable[[Language], Any]:
    facts: dict[str, Any] = {
        "traces": p.TRACES,
        "older": "78",
        "now": p.NOW,
    }
    found = activity.ActivityFacts(**(facts | more))
    return lambda language: activity.present_activity(language=language, facts=found, query=query)


def _notifications(items: tuple[notifications.NotificationFacts, ...], unread: int) -> Callable[[Language], Any]:
    return lambda language: notifications.present_notifications(language=language, items=items, unread=unread)


def _shared(code: str | None = None, agent: str | None = None) -> Callable[[Language], Any]:
    shared = Screen(until=p.NOW, code=code, agent=agent)
    return lambda language: screen.present_screen(language=language, screen=shared)


def _saved(_: Language) -> tuple[Notice, ...]:
    return (Notice("success", "Le document est ajouté à votre espace.", "/documents/doc-5", "Le voir"),)


def _error(status: int) -> State:
    def page(language: Language) -> Any:
        return errors.present_error(language=language, status=status, reference="7f3a-91c2")

    return State("pages/error.html", page)


_WRONG = Form(
    {"titre": "Radio ?", "date": "2027-01-01"},
    (FieldError("titre", "Le titre contient un signe interdit."), FieldError("categorie", "Choisissez une catégorie.")),
)

STATES: dict[str, State] = {
    "landing": State("landing.html", lambda _: None),
    "sign-in": State(
        "sign_in.html", lambda language: sign_in.present_sign_in(language=language, provider="FranceConnect")
    ),
    "sign-in-trouble": State(
        "sign_in.html",
        lambda language: sign_in.present_sign_in(
            language=language, provider="FranceConnect", trouble="no_space", back="/documents"
        ),
    ),
    "step-up": State(
        "step_up.html",
        lambda language: sign_in.present_step_up(
            language=language, provider="FranceConnect", back="/acces", cancel="/acces"
        ),
        "access",
    ),
    "home": State("home.html", lambda language: home.present_home(language=language, facts=p.HOME), "home"),
    "home-empty": State("home.html", lambda language: home.present_home(language=language, facts=p.EMPTY_HOME), "home"),
    "documents": State("documents.html", _list(documents.DocumentQuery(page=2)), "documents", _saved),
    "documents-filtered": State(
        "documents.html",
        _list(
            documents.DocumentQuery(category="BIOLOGIE", unread=True, period="6m", sort="titre", words="bilan"),
            documents=p.DOCUMENTS[:1],
            total=1,
            pages=1,
        ),
        "documents",
    ),
    "documents-none": State(
        "documents.html", _list(documents.DocumentQuery(words="zzz"), documents=(), total=0, pages=0), "documents"
    ),
    "documents-empty": State(
        "documents.html", _list(documents.DocumentQuery(), documents=(), total=0, pages=0, counts={}), "documents"
    ),
    "document": State("document.html", _detail(0, document.PreviewFacts(kind="frame", address="/apercu")), "documents"),
    "document-images": State(
        "document.html",
        _detail(
            4,
            document.PreviewFacts(kind="frame", address="/apercu"),
            versions=p.versions(p.DOCUMENTS[7], p.DOCUMENTS[4]),
        ),
        "documents",
    ),
    "document-masked": State(
        "document.html",
        _detail(5, document.PreviewFacts(kind="none", why="too_large"), readers=(), traces=()),
        "documents",
    ),
    "document-replaced": State(
        "document.html",
        _detail(
            7, document.PreviewFacts(kind="none", why="protected"), versions=p.versions(p.DOCUMENTS[7], p.DOCUMENTS[0])
        ),
        "documents",
    ),
    "add": State("document_form.html", _new(Form()), "documents"),
    "add-errors": State("document_form.html", _new(_WRONG), "documents"),
    "edit": State(
        "document_form.html",
        lambda language: edit_document.present_document_form(
            language=language,
            document=p.DOCUMENTS[4],
            form=Form({"titre": "Radio du genou gauche", "categorie": "RADIO_SC", "date": "2026-10-21"}),
            today=p.NOW.date(),
        ),
        "documents",
    ),
    "delete": State(
        "pages/confirm.html",
        lambda language: edit_document.present_deletion(language=language, document=p.DOCUMENTS[4]),
        "documents",
    ),
    "access": State(
        "access.html",
        lambda language: access.present_access(
            language=language, standings=(*p.STANDINGS, p.TEAM), disputes=p.DISPUTES, code_required=True
        ),
        "access",
    ),
    "access-empty": State(
        "access.html", lambda language: access.present_access(language=language, standings=()), "access"
    ),
    "directory": State(
        "directory.html",
        lambda language: access.present_directory(language=language, form=Form(), found=None, standings=()),
        "access",
    ),
    "directory-found": State(
        "directory.html",
        lambda language: access.present_directory(
            language=language,
            form=Form({"q": "marseille"}),
            found=(p.DR_ROUX, p.DR_PETIT, p.NURSE, p.HOSPITAL_PARTY),
            standings=p.STANDINGS,
        ),
        "access",
    ),
    "directory-none": State(
        "directory.html",
        lambda language: access.present_directory(language=language, form=Form({"q": "zzz"}), found=(), standings=()),
        "access",
    ),
    "block": State(
        "pages/confirm.html", lambda language: access.present_blocking(language=language, party=p.DR_PETIT), "access"
    ),
    "end-access": State(
        "pages/confirm.html", lambda language: access.present_ending(language=language, access=p.STANDINGS[1]), "access"
    ),
    "activity": State("activity.html", _activity(activity.ActivityQuery()), "activity"),
    "activity-document": State(
        "activity.html",
        _activity(
            activity.ActivityQuery(document="doc-2", actor="professionnels"),
            traces=p.TRACES[1:3],
            document_title="Compte rendu de consultation de cardiologie",
            older="",
        ),
        "activity",
    ),
    "activity-none": State(
        "activity.html",
        _activity(activity.ActivityQuery(since="2020-01-01"), traces=(), older=""),
        "activity",
    ),
    "notifications": State("notifications.html", _notifications(p.NOTIFICATIONS, 2), "notifications"),
    "notifications-none": State("notifications.html", _notifications((), 0), "notifications"),
    "settings": State(
        "settings.html", lambda language: settings.present_settings(language=language, facts=p.SETTINGS), "settings"
    ),
    "settings-error": State(
        "settings.html",
        lambda language: settings.present_settings(
            language=language,
            facts=msgspec.structs.replace(
                p.SETTINGS, email="", proposed="jeanne@exemple.test", sessions=p.SETTINGS.sessions[:1]
            ),
            email_form=Form({"courriel": "jeanne"}, (FieldError("courriel", "Cette adresse n'est pas complète."),)),
        ),
        "settings",
    ),
    "after-death": State(
        "after_death.html",
        lambda language: after_death.present_own_requests(language=language, requests=p.HEIRS, at=p.NOW),
        "settings",
    ),
    "after-death-none": State(
        "after_death.html",
        lambda language: after_death.present_own_requests(language=language, requests=(), at=p.NOW),
        "settings",
    ),
    "screen": State("screen.html", lambda language: screen.present_screen(language=language, screen=None), "settings"),
    "screen-code": State("screen.html", _shared(code="012345"), "settings", shares=True),
    "screen-agent": State("screen.html", _shared(agent="Service d'aide 3422 (agent T-0001)"), "settings", shares=True),
    **{name: State(*one) for name, one in ACCESS_STATES.items()},
    "gallery": State("pages/gallery.html", lambda _: samples()),
    **{f"error-{status}": _error(status) for status in (400, 403, 404, 409, 413, 429, 500, 503)},
}
