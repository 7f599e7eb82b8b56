"""Who works at the fictitious country's desk, and who watches over the whole. They care for nobody and read nothing."""

import msgspec


class Agent(msgspec.Struct, frozen=True, kw_only=True):
    """An agent (kind "agent") or a pilot ("pilot"). desk: what people are told they are."""

    login: str
    kind: str
    reference: str
    name: str
    desk: str
    about_fr: str
    about_en: str

    @property
    def email(self) -> str:
        """Their address at work."""
        return f"{self.login}@guichet.exemple.invalid"


AGENTS = (
    Agent(
        login="agathe",
        kind="agent",
        reference="S-1042",
        name="Agathe Vauclin",
        desk="Service d'aide 3422",
        about_fr="Agente du service d'aide téléphonique (3422)",
        about_en="Agent of the telephone help desk (3422)",
    ),
    Agent(
        login="gustave",
        kind="agent",
        reference="G-0317",
        name="Gustave Perrodin",
        desk="Guichet de Toulouse",
        about_fr="Agent d'accueil au guichet",
        about_en="Agent at a counter",
    ),
    Agent(
        login="philippine",
        kind="pilot",
        reference="P-0009",
        name="Philippine Astor",
        desk="Pilotage",
        about_fr="Suit les indicateurs du pays : des nombres, jamais des personnes",
        about_en="Follows the country's figures: numbers, never people",
    ),
)
