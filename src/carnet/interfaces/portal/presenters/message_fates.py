"""What became of a message after it was sent: one mark for each recipient, in words a person understands."""

from carnet.access.api import KeptBy
from carnet.design.language import Language
from carnet.design.parts import Mark
from carnet.kernel.actors import Actor, ActorKind
from carnet.messaging.api import KEPT, Delivery


def fates(deliveries: tuple[Delivery, ...], reader: Actor, language: Language) -> tuple[Mark, ...]:
    """Return what became of a message with each of its recipients."""
    return tuple(_fate(one, several=len(deliveries) > 1, reader=reader, language=language) for one in deliveries)


def _fate(one: Delivery, *, several: bool, reader: Actor, language: Language) -> Mark:
    """Return what became of a message with one recipient. Codes: RFC 3463, or the reply's digits."""
    _ = language.gettext
    who = f" : {one.address.name or one.address.address}" if several else ""
    if one.state == "read":
        return Mark("ok", _("Lu") + who, "eye")
    if one.state == "delivered":
        return Mark("ok", _("Arrivé") + who, "check")
    if one.state == "sent":
        return Mark("plain", _("Envoyé") + who, "check")
    if one.state == "queued" and one.tries == 0 and one.not_before is not None:
        told = _("Sera remis à l'ouverture : %(day)s à %(time)s")
        when = {"day": language.plain_date(one.not_before), "time": language.time(one.not_before)}
        return Mark("info", told % when + who, "mail")
    if one.state == "queued":
        text = (
            _("Envoi en cours")
            if one.tries == 0
            else _("En attente : la messagerie du professionnel ne l'a pas encore pris")
        )
        return Mark("info", text + who, "mail")
    return Mark("danger", _why_failed(one.note or "", reader, language) + who, "danger")


def _why_failed(code: str, reader: Actor, language: Language) -> str:
    _ = language.gettext
    if code.startswith(KEPT):
        return _why_kept(code, reader, language)
    if code == "expired":
        return _("Non remis : la messagerie du professionnel ne l'a pas pris en deux jours")
    if code.startswith(("5.1", "550", "551", "553")):
        return _("Non remis : cette adresse n'existe pas ou plus")
    if code.startswith(("5.2.2", "552")):
        return _("Non remis : boîte pleine ou message trop lourd")
    return _("Non remis : la messagerie du professionnel a refusé ce message")


def _why_kept(code: str, reader: Actor, language: Language) -> str:
    """Say what the person keeps from a recipient since they sent it; who acts for them may not know what."""
    _ = language.gettext
    if reader.kind is not ActorKind.PERSON:
        return _("Non envoyé : ce qui peut être partagé a changé depuis")
    if code == f"{KEPT}{KeptBy.BLOCK}":
        return _("Non envoyé : vous avez bloqué ce professionnel ou sa structure depuis, et un document est joint")
    return _("Non envoyé : un document joint a été supprimé, masqué ou caché à ce professionnel depuis")
