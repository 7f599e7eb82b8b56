"""Does a professional who comes in bear the name of the person? One word in the trace, for whoever looks for misuse.

Written where somebody comes in for the first time, or in an emergency: no reading waits for it. The word is all there
is: neither name is kept. Where people live is not compared: an open space holds no postal address.
"""

from carnet.access.gate import Look
from carnet.identity.api import normalised_birth_name
from carnet.infra.db import Work
from carnet.kernel.actors import Actor
from carnet.spaces.api import open_person

# ## Whose space, and the public name of who comes in ##
_NAMES = """
SELECT s.person_enc, p.family_name FROM space s, professional p
WHERE s.space_id = %(space)s AND p.rpps = %(rpps)s
"""


async def alike(w: Work, seen: Look, *, actor: Actor) -> dict[str, str]:
    """Return the detail of a trace: `alike: surname` for a birth name or a name in use that is the professional's."""
    row = await w.row(_NAMES, {"space": w.space_id, "rpps": actor.rpps})
    if row is None or seen.keys is None:
        return {}
    traits = open_person(row[0], keys=seen.keys, space=w.space_id).traits
    borne = {normalised_birth_name(name) for name in (traits.birth_name, traits.usual_name) if name}
    return {"alike": "surname"} if normalised_birth_name(row[1]) in borne else {}
