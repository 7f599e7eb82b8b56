"""A served house with somebody in it: a care software, a person, a doctor that person let in, and real tokens."""

import msgspec

from carnet.access.api import authorise
from carnet.identity.api import DirectoryFeed, import_directory
from carnet.infra import clock
from carnet.records.api import Receipt
from carnet.sandbox.api import directory_feed, load_population
from factories.served import Served, Software, access_token, inside, registered_software
from factories.simulator import CARNET, Simulator
from factories.world import OPERATOR, Someone, give, make_person, make_software


class Town(msgspec.Struct, frozen=True, kw_only=True):
    """`token`: of the software alone; `reader`: of a doctor the person let in, through that software."""

    served: Served
    software: Software
    person: Someone
    token: str
    reader: str
    rpps: str
    url: object

    async def documents(self, contents: list[bytes]) -> list[str]:
        """Put documents in the person's space without HTTP; return their logical ids."""
        from carnet.kernel.ids import routable

        async with inside(self.served):
            software = await make_software(finess=self.software.finess)
            receipts: list[Receipt] = [await give(self.person, by=software, content=one) for one in contents]
        return [routable(self.person.space, one.documents[0].document_id) for one in receipts]


def carers(simulator: Simulator) -> dict[str, str]:
    """The settings with which a served house recognises professionals through the simulator."""
    return {
        "CARNET_BASE_URL": CARNET,
        "CARNET_PSC_ISSUER": simulator.prosanteconnect,
        "CARNET_PSC_CLIENT_ID": "carnet-pro",
        "CARNET_PSC_SECRET": "sandbox-prosanteconnect-secret",
        "CARNET_TOKEN_MINUTES": "15",
    }


async def settle(served: Served, simulator: Simulator, url) -> Town:
    """People a served house: the directory of the sandbox, the software of its hospital, a person, a doctor let in."""
    people = load_population()
    doctor = next(one for one in people.professionals if one.profession == "10")
    async with inside(served):
        feed = msgspec.convert(directory_feed(people), DirectoryFeed)
        await import_directory(actor=OPERATOR, feed=feed, at=clock.now())
        person = await make_person(at=clock.now())
        await authorise(actor=person.actor, space=person.space, rpps=doctor.rpps, at=clock.now())
    software = await registered_software(served, finess=people.organisation("hopital").finess)
    return Town(
        served=served,
        software=software,
        person=person,
        token=access_token(served, software),
        reader=access_token(served, software, carer=simulator.carer_token(doctor.login)),
        rpps=doctor.rpps,
        url=url,
    )
