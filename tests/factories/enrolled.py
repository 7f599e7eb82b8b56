"""People the campaign told by letter, for tests of what they then do: numbers of `beneficiaries`, and their codes."""

import contextlib
import tempfile
from pathlib import Path

from carnet.identity.api import parse_ins
from carnet.infra import clock
from carnet.infra.db.database import Database
from carnet.spaces.api import Source
from factories.beneficiaries import OID, beneficiary_file, beneficiary_matricule, line
from factories.campaign import imported, letter_codes, told


@contextlib.asynccontextmanager
async def batch_of(house):
    """The database as carnet_batch."""
    database = Database(house.url("carnet_batch"), min_size=1, max_size=2, statement_timeout=60_000)
    await database.open()
    try:
        yield database
    finally:
        await database.close()


async def enrolled(house, *numbers: int, at=None, **given: str) -> dict[int, str]:
    """Import these people (columns in `given` replace the usual), write to all of them; return their codes."""
    at = at or clock.now()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lines = [line(number, **({"code_postal": "44000", "email": ""} | given)) for number in numbers]
        path = beneficiary_file(folder / "beneficiaires.csv", lines)
        async with batch_of(house) as batch:
            await imported(batch, Source(path=path, rejects=folder / "rejets.csv"), at=at)
            await told(batch, folder, departement="44", at=at)
        return letter_codes(folder / "lettres")


def ins_of(number: int):
    """The INS of one of them."""
    return parse_ins(matricule=beneficiary_matricule(number), oid=OID)
