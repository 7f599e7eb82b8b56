"""How people and organisations are named on the portal."""

from carnet.design.language import Language
from carnet.design.vocabulary import profession
from carnet.interfaces.portal.presenters.facts import AuthorFacts, PartyFacts


def author_words(author: AuthorFacts, language: Language) -> str:
    """Who made a document, in few words: "Dr Anne Roux, médecin"; "Vous" for the person."""
    if author.kind == "person":
        return language.gettext("Vous")
    if author.kind == "professional" and author.profession:
        return f"{author.name}, {profession(author.profession, language)}"
    return author.name


def party_meta(party: PartyFacts, language: Language) -> tuple[str, ...]:
    """The line under a professional's or an organisation's name."""
    if party.kind == "team":
        return (language.gettext("Équipe de soins"), ", ".join(party.members))
    words = (
        profession(party.profession, language) if party.kind == "professional" else language.gettext("établissement")
    )
    return tuple(part for part in (words[:1].upper() + words[1:], party.organisation, party.town) if part)
