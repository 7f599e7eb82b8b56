"""Spaces of the sandbox's fictitious people, for tests that sign them in through the real simulator."""

from urllib.parse import parse_qs, urlsplit

from carnet.identity.api import IdentityTraits, Ins, Sex
from carnet.infra import clock
from carnet.infra.db import system_work, work
from carnet.journal.api import Filter, entries
from carnet.spaces.api import find_space, open_space
from factories.world import OPERATOR


def ins_of(person) -> Ins:
    return Ins(matricule=person.matricule, oid=person.oid)


async def open_for(person):
    """The space of one of the sandbox's persons, opened (not activated) once a run."""
    found = await find_space(ins_of(person))
    if found is not None:
        return found
    traits = IdentityTraits(
        birth_name=person.birth_name,
        given_names=person.given_names,
        sex=Sex(person.sex),
        birth_date=person.birth_date.isoformat(),
        birth_place=person.birth_place,
        usual_name=person.used_name,
    )
    return await open_space(actor=OPERATOR, ins=ins_of(person), traits=traits, at=clock.now())


async def acts_in(space) -> list[str]:
    """What the space's journal says, newest first."""
    async with work(space=space, at=clock.now()) as w:
        return [entry.act for entry in await entries(w, filter_=Filter(with_refusals=True), limit=50)]


async def refused_sign_ins(door: str) -> list[tuple]:
    """(reason, why, actor id, actor name) of refused sign-ins, oldest first."""
    async with system_work(at=clock.now()) as w:
        return await w.rows(
            "SELECT reason, details ->> 'why', actor_id, actor_name FROM security_entry "
            "WHERE act = 'sign-in' AND outcome = 'refused' AND details ->> 'door' = %s ORDER BY entry_id",
            (door,),
        )


def query_of(url: str) -> dict[str, str]:
    """The query of an address, each name once."""
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def motif(answer) -> str:
    """Why the sign-in page is shown."""
    assert answer.status_code == 303
    return query_of(answer.headers["location"]).get("motif", "")
