"""The INS service: from traits to an identity, as the INSi web service answers, in JSON.

One exact identity, none, or several (then no number is given: the caller must add traits). Source: guide
d'implémentation de l'INS dans les logiciels, opération de recherche par saisie de traits. It ignores the card reader
operation and every history of former numbers.
"""

from datetime import date
from typing import Any, Literal

import msgspec
from litestar import Router, get, post
from litestar.params import JSONBody
from litestar.response import Response

from carnet.sandbox.population.data import Person, Population, civil

DESCRIPTION = {
    "service": "INSi simulé / simulated INSi",
    "operation": "POST /ins/search",
    "input": {
        "birth_name": "nom de naissance, obligatoire",
        "given_name": "un des prénoms de naissance, obligatoire",
        "sex": "M ou F, obligatoire",
        "birth_date": "AAAA-MM-JJ, obligatoire",
        "birth_place": "code INSEE du lieu de naissance, facultatif",
    },
    "output": {
        "status": "found, none ou several",
        "ins": "matricule et oid, seulement quand status vaut found",
        "traits": "les cinq traits de l'état civil, seulement quand status vaut found",
    },
}


class Traits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a search needs. Names compare without accents, case, hyphens or apostrophes."""

    birth_name: str
    given_name: str
    sex: Literal["F", "M"]
    birth_date: date
    birth_place: str | None = None


class InsAnswer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`ins` and `traits` are present only when exactly one person answers."""

    status: Literal["found", "none", "several"]
    ins: dict[str, str] | None = None
    traits: dict[str, str] | None = None


def search(population: Population, traits: Traits) -> InsAnswer:
    """Who these traits designate."""
    found = [person for person in population.persons if _matches(person, traits)]
    if len(found) != 1:
        return InsAnswer(status="several" if found else "none")
    return InsAnswer(status="found", ins=identity(found[0]), traits=registered_traits(found[0]))


def identity(person: Person) -> dict[str, str]:
    """The number and the OID it is issued under."""
    return {"matricule": person.matricule, "oid": person.oid}


def registered_traits(person: Person) -> dict[str, str]:
    """The five traits as the civil register writes them: `family` and `given` without accents, in capitals."""
    return {
        "birth_name": person.registered_name,
        "given_names": person.registered_given,
        "sex": person.sex,
        "birth_date": person.birth_date.isoformat(),
        "birth_place": person.birth_place,
    }


def ins_router(population: Population) -> Router:
    """`GET /ins` explains, `POST /ins/search` answers."""

    @get("/", sync_to_thread=False)
    def explain() -> dict[str, Any]:
        return DESCRIPTION

    @post("/search", status_code=200, sync_to_thread=False)
    def find(data: JSONBody[Traits]) -> Response[InsAnswer]:
        return Response(search(population, data), headers={"Cache-Control": "no-store"})

    return Router(path="/ins", route_handlers=[explain, find])


def _matches(person: Person, traits: Traits) -> bool:
    return (
        _bare(person.birth_name) == _bare(traits.birth_name)
        and _bare(traits.given_name) in {*map(_bare, person.given_names), _bare(" ".join(person.given_names))}
        and person.sex == traits.sex
        and person.birth_date == traits.birth_date
        and traits.birth_place in {None, "", person.birth_place}
    )


def _bare(name: str) -> str:
    return "".join(char for char in civil(name) if char.isalnum())
