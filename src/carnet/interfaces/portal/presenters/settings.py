"""Settings: e-mail, what to be told and how, language, default visibility, open sessions."""

from datetime import datetime

import msgspec

from carnet.design.language import Language
from carnet.design.parts import Action, Form, Mark, Option, Row
from carnet.interfaces.portal.presenters.after_death import ADDRESS as HEIRS
from carnet.interfaces.portal.presenters.after_death import after_death_options
from carnet.interfaces.portal.presenters.leaving import CLOSE
from carnet.interfaces.portal.presenters.restrictions import default_options
from carnet.interfaces.portal.presenters.terms import ADDRESS as TERMS

ADDRESS = "/reglages"


class SessionFacts(msgspec.Struct, frozen=True, kw_only=True):
    """One open session of this person. device: as the browser presents itself ("Firefox, Windows"), may be empty."""

    id: str
    current: bool
    opened_at: datetime
    last_seen_at: datetime
    device: str = ""


class SettingsFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What can be set. proposed: the address whose code has not come back yet; by_email: whether notices also leave by
    e-mail; weekly: whether one a week says that anybody came; quiet: the subjects they do not leave about.
    """

    email: str
    proposed: str = ""
    by_email: bool
    weekly: bool = False
    quiet: tuple[str, ...] = ()
    masked_by_default: bool
    refuses_heirs: bool = False
    sessions: tuple[SessionFacts, ...]


class SettingsPage(msgspec.Struct, frozen=True, kw_only=True):
    """What `settings.html` shows."""

    email_form: Form
    code_form: Form
    in_force: str
    proposed: str
    by_email: bool
    weekly: bool
    about_documents: bool
    about_agenda: bool
    languages: tuple[Option, ...]
    defaults: tuple[Option, ...]
    after_death: tuple[Option, ...]
    heirs: Action
    sessions: tuple[Row, ...]
    take: Action
    terms: Action
    leave: Action
    end_others: Action | None
    ways: bool = False


def present_settings(
    *,
    language: Language,
    facts: SettingsFacts,
    email_form: Form | None = None,
    code_form: Form | None = None,
    ways: bool = False,
) -> SettingsPage:
    """Return the settings. email_form, code_form: shown again with their errors; ways: of one's own are offered."""
    _ = language.gettext
    code_form, email_form = code_form or Form(), email_form or Form({"courriel": facts.proposed or facts.email})
    if not facts.proposed and code_form.errors:  # the code ran out, and its field with it
        email_form, code_form = Form(email_form.values, code_form.errors_at("courriel")), Form()
    return SettingsPage(
        ways=ways,
        email_form=email_form,
        code_form=code_form,
        in_force=_("Les messages vont aujourd'hui à %(email)s.") % {"email": facts.email} if facts.email else "",
        proposed=_("Un code à six chiffres est parti à %(email)s. Il vaut trente minutes.") % {"email": facts.proposed}
        if facts.proposed
        else "",
        by_email=facts.by_email,
        weekly=facts.weekly,
        about_documents="documents" not in facts.quiet,
        about_agenda="agenda" not in facts.quiet,
        languages=(
            Option("fr", "Français", language.code == "fr"),
            Option("en", "English", language.code == "en"),
        ),
        defaults=default_options(language, masked_by_default=facts.masked_by_default),
        after_death=after_death_options(language, refused=facts.refuses_heirs),
        heirs=Action(_("Voir mes demandes après un décès"), HEIRS, "people", "quiet"),
        sessions=tuple(_session(item, language) for item in facts.sessions),
        take=Action(_("Prendre une copie de mes données"), "/mes-donnees", "download"),
        terms=Action(_("Lire les conditions"), TERMS, "summary"),
        leave=Action(_("Fermer mon espace"), CLOSE, "lock", "quiet"),
        end_others=Action(
            _("Fermer toutes les autres sessions"), f"{ADDRESS}/sessions/fermer-autres", "sign-out", post=True
        )
        if len(facts.sessions) > 1
        else None,
    )


def _session(item: SessionFacts, language: Language) -> Row:
    _ = language.gettext
    title = item.device or _("Appareil inconnu")
    return Row(
        title=title,
        icon="device",
        notes=(
            _("Ouverte le %(moment)s") % {"moment": language.moment(item.opened_at)},
            _("Utilisée le %(moment)s") % {"moment": language.moment(item.last_seen_at)},
        ),
        marks=(Mark("ok", _("Cette session"), "check"),) if item.current else (),
        actions=()
        if item.current
        else (Action(_("Fermer"), f"{ADDRESS}/sessions/{item.id}/fermer", "close", post=True, spoken=title),),
    )
