"""Whose file is open: the identity always in sight, and where the access stands."""

from datetime import date, datetime
from typing import Final

import msgspec

from carnet.access.api import HeirsReading
from carnet.design.language import Language, mark
from carnet.design.parts import Mark
from carnet.identity.api import IdentityTraits, Sex
from carnet.journeys.api import Patient
from carnet.kernel.legal_day import legal_day

_MONTHS: Final = 12
_INFANT: Final = 3
_PARTS_OF_A_MONTH: Final = 2


class Banner(msgspec.Struct, frozen=True, kw_only=True):
    """The strip above every page of a patient. name: birth name first, as identity vigilance asks.

    emergency_words: until when an emergency access lasts, empty without one; emergency_seconds: how long that is
    from now. administrator: may keep others out. reading_words: what for and until when the file of somebody who died
    is read, empty while they live.
    """

    handle: str
    name: str
    given: str
    usual: str
    sex: str
    born: str
    age: str
    standing: Mark
    emergency_words: str = ""
    emergency_seconds: int = 0
    administrator: bool = False
    reading_words: str = ""

    @property
    def address(self) -> str:
        """Where this patient's documents are, in this session."""
        return f"/pro/patient/{self.handle}"


def present_banner(*, language: Language, patient: Patient, handle: str, at: datetime) -> Banner:
    """Return the banner of an open patient. at: now."""
    traits = patient.person.traits
    usual = traits.usual_name if traits.usual_name and traits.usual_name != traits.birth_name else ""
    return Banner(
        handle=handle,
        name=traits.birth_name.upper(),
        given=", ".join(traits.given_names),
        usual=usual,
        sex=_sex(traits.sex, language),
        born=_born(traits, language),
        age=_age(traits.born_on, legal_day(at), language),
        standing=_standing(patient, language),
        emergency_words=_until(patient.emergency_until, language) if patient.emergency_until else "",
        emergency_seconds=max(int((patient.emergency_until - at).total_seconds()), 0) if patient.emergency_until else 0,
        administrator=patient.administrator,
        reading_words=_reading(patient.reading, language) if patient.reading else "",
    )


def _until(until: datetime, language: Language) -> str:
    return language.gettext("jusqu'à %(time)s. La personne en est prévenue.") % {"time": language.time(until)}


def _reading(reading: HeirsReading, language: Language) -> str:
    _ = language.gettext
    words = {
        "causes": mark("Un ayant droit veut connaître les causes de la mort."),
        "memory": mark("Un ayant droit veut défendre la mémoire de la personne."),
        "rights": mark("Un ayant droit veut faire valoir ses droits."),
        "": mark("Les titulaires de l'autorité parentale demandent à savoir."),
    }
    why = _(words[reading.motive or ""])
    until = _("Vous lisez jusqu'au %(moment)s.") % {"moment": language.moment(reading.ends_at)}
    rest = _("Ne dites que ce qui répond à cette demande : le reste est couvert par le secret.")
    return f"{why} {until} {rest}"


def _sex(sex: Sex, language: Language) -> str:
    _ = language.gettext
    return {Sex.FEMALE: _("Femme"), Sex.MALE: _("Homme")}.get(sex, _("Sexe non précisé"))


def _born(traits: IdentityTraits, language: Language) -> str:
    """Registers hold partial dates: what is known is said, nothing is made up."""
    _ = language.gettext
    if traits.born_on:
        words = {Sex.FEMALE: _("née le %(day)s"), Sex.MALE: _("né le %(day)s")}
        said = words.get(traits.sex, _("naissance : %(day)s"))
        return said % {"day": language.short_date(traits.born_on)}
    parts = (traits.birth_date or "").split("-")
    if len(parts) == _PARTS_OF_A_MONTH:
        return _("naissance : %(day)s") % {"day": language.month(date(int(parts[0]), int(parts[1]), 1))}
    return _("naissance : %(day)s") % {"day": parts[0]} if parts[0] else _("date de naissance inconnue")


def _age(born: date | None, today: date, language: Language) -> str:
    if born is None or born > today:
        return ""
    months = (today.year - born.year) * _MONTHS + today.month - born.month - (today.day < born.day)
    years = months // _MONTHS
    if years >= _INFANT:
        return language.ngettext("%(num)s an", "%(num)s ans", years) % {"num": years}
    if months >= 1:
        return language.ngettext("%(num)s mois", "%(num)s mois", months) % {"num": months}
    days = (today - born).days
    return language.ngettext("%(num)s jour", "%(num)s jours", days) % {"num": days}


def _standing(patient: Patient, language: Language) -> Mark:
    _ = language.gettext
    if patient.standing == "to_ask":
        return Mark("replaced", _("Accord à recueillir"), "lock")
    if patient.standing == "heirs":
        return Mark("info", _("Personne décédée, lecture pour un ayant droit"), "people")
    if patient.standing == "emergency":
        return Mark("danger", _("Ouvert en urgence, sans accord"), "warning")
    if patient.administrator:
        return Mark("ok", _("Accès complet, documents masqués compris"), "unlock")
    since = language.short_date(patient.since) if patient.since else ""
    words = (
        _("Accès de votre structure depuis le %(day)s")
        if patient.through_organisation
        else _("Accès depuis le %(day)s")
    )
    return Mark("ok", words % {"day": since}, "unlock")
