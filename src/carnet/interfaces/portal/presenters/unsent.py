"""A message that did not leave because the session was over: its words, how to sign in again, how to go on."""

from collections.abc import Mapping
from urllib.parse import urlencode

import msgspec

from carnet.design.language import Language
from carnet.design.parts import Action

_NAMED = ("objet", "texte")
_NO_WORDS = frozenset({"depot", "brouillon", "destinataires", "a_tous", "documents", "genre", "reponse", "document"})


class UnsentPage(msgspec.Struct, frozen=True, kw_only=True):
    """What `unsent.html` shows. words: what was written, a paragraph each; fields: the form as it came; address: where
    it goes again; sign_in: opened beside this page, which must stay.
    """

    heading: str
    lead: str
    words: tuple[str, ...]
    fields: tuple[tuple[str, str], ...]
    address: str
    sign_in: Action


def present_unsent(*, language: Language, address: str, said: Mapping[str, str], back: str) -> UnsentPage:
    """Return the page. said: the form as it came; back: the page to sign in for."""
    _ = language.gettext
    named = [said.get(name, "") for name in _NAMED]
    others = [text for name, text in said.items() if name not in _NAMED and name not in _NO_WORDS]
    return UnsentPage(
        heading=_("Votre session s'est fermée"),
        lead=_("Rien n'est parti, et ce que vous avez écrit est encore ici."),
        words=tuple(text for text in (*named, *others) if text.strip()),
        fields=tuple(said.items()),
        address=address,
        sign_in=Action(_("Me reconnecter"), f"/connexion?{urlencode({'retour': back})}", "sign-in", "primary"),
    )
