"""Every document of the sandbox, oldest first, as care software will send them."""

from collections.abc import Iterator
from functools import cache

from carnet.sandbox.documents.building import build
from carnet.sandbox.documents.data import Draft, SandboxDocument
from carnet.sandbox.documents.telling import tell
from carnet.sandbox.population.data import Population
from carnet.sandbox.population.load import load_population


def drafts(population: Population) -> list[Draft]:
    """What happened to everybody, in the order it happened (a later version always after the one it replaces)."""
    return sorted(
        (draft for person in population.persons for draft in tell(population, person)),
        key=lambda draft: (draft.date, draft.version, draft.key),
    )


def documents_of(population: Population, login: str) -> Iterator[SandboxDocument]:
    """One person's documents, oldest first."""
    return (build(draft) for draft in drafts(population) if draft.person.login == login)


@cache
def load_documents() -> tuple[SandboxDocument, ...]:
    """The documents of the whole population. Takes a few seconds the first time: each is really made."""
    return tuple(build(draft) for draft in drafts(load_population()))
