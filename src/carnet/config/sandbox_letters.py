"""The sandbox's campaign: whoever has no space yet is imported as the insurer would, and written to by real letters."""

import asyncio
from pathlib import Path

from carnet.config.operator import batch_database
from carnet.config.settings import Settings
from carnet.infra import clock
from carnet.kernel.actors import Actor
from carnet.sandbox.api import Person, Population
from carnet.spaces.api import Source, Telling, import_beneficiaries, inform

DEPARTEMENT = "99"
_HEADER = (
    "matricule;oid;nom_naissance;prenoms;sexe;date_naissance;lieu_naissance;nom_usage;email;telephone;adresse;"
    "code_postal;commune;representants;evenement"
)


async def write_letters(settings: Settings, population: Population, *, actor: Actor) -> None:
    """Import those the population says are told by letter, and print their letters into HOME/sandbox/courrier."""
    folder = settings.home / "sandbox" / "courrier"
    told = [one for one in population.persons if one.letter]
    file = folder / "beneficiaires.csv"
    await asyncio.to_thread(_write, file, told)
    telling = Telling(site=settings.base_url, folder=folder, sender="\n".join(settings.letter_sender.split("|")))
    async with batch_database(settings) as batch:
        source = Source(path=file, rejects=folder / "rejets.csv")
        await import_beneficiaries(actor=actor, batch=batch, source=source, at=clock.now())
        await inform(actor=actor, batch=batch, departement=DEPARTEMENT, telling=telling, most=len(told), at=clock.now())


def _write(file: Path, persons: list[Person]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    file.write_text("\n".join((_HEADER, *map(_line, persons), "")), encoding="utf-8")


def _line(person: Person) -> str:
    address = f"{person.address.number} {person.address.street}"
    fields = (
        person.matricule,
        person.oid,
        person.registered_name,
        "|".join(person.registered_given.split()),
        person.sex,
        person.birth_date.isoformat(),
        person.birth_place,
        person.used_name or "",
        "",
        "",
        address,
        person.address.postal_code,
        person.address.city,
        "",
        "",
    )
    return ";".join(fields)
