"""From a typed matricule to its space, for the operator's commands: a card does not say which authority gave it."""

from carnet.infra.db import rows_in_one_trip
from carnet.journeys.patient_file import candidates
from carnet.kernel.errors import NotFound
from carnet.kernel.ids import SpaceId
from carnet.spaces.api import find_statement, found_space


async def space_of_matricule(matricule: str) -> SpaceId:
    """Return the space of a typed INS, of any authority accepted here. Raises Invalid (not a number), NotFound."""
    rows = await rows_in_one_trip([find_statement(ins) for ins in candidates(matricule)], space=None)
    space = await found_space(next((one for one in rows if one), []))
    if space is None:
        raise NotFound
    return space
