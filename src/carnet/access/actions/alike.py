"""Is a professional who comes in close to the person, by name or by address? Words in the trace, for the misuse rules.

Written where somebody comes in for the first time, or in an emergency: no reading waits for it. Neither name nor
address is kept. What a person's address is, only the insurer's file said (`Contact.insurer`): whose space was opened
without it has none to compare, and the directory knows of professionals where they practise or are written to.
"""

import msgspec

from carnet.access.gate import Look
from carnet.identity.api import door_digest, home_mark, normalised_birth_name
from carnet.infra.db import Work
from carnet.kernel.actors import Actor
from carnet.spaces.api import Person, Reach, open_contact, open_person

# ## Whose space, and what the directory says of who comes in ##
_BOTH = """
SELECT s.person_enc, s.contact_enc, p.family_name,
  ARRAY(SELECT o.door FROM care_organisation o JOIN professional_situation t USING (finess) WHERE t.rpps = p.rpps
        UNION SELECT p.door) AS doors
FROM space s, professional p WHERE s.space_id = %(space)s AND p.rpps = %(rpps)s
"""


class _Listed(msgspec.Struct, frozen=True):
    """Who comes in: their public name, and the digests of the doors the directory knows."""

    name: str
    doors: frozenset[bytes]


async def alike(w: Work, seen: Look, *, actor: Actor) -> dict[str, str]:
    """Return the details of a trace: `alike`, of the words `surname` (a birth name or a name in use is the
    professional's) and `address` (the person lives where the directory shows them); `home`: a mark of the home.
    """
    row = await w.row(_BOTH, {"space": w.space_id, "rpps": actor.rpps})
    if row is None or seen.keys is None:
        return {}
    person = open_person(row[0], keys=seen.keys, space=w.space_id)
    reach = open_contact(row[1], keys=seen.keys, space=w.space_id).insurer or Reach()
    listed = _Listed(row[2], frozenset(bytes(door) for door in row[3] if door))
    words = " ".join(_words(person, reach, listed))
    mark = home_mark(reach.lines, reach.postcode, of=actor.identifier, at=w.at)
    return ({"alike": words} if words else {}) | ({"home": mark} if mark else {})


def _words(person: Person, reach: Reach, listed: _Listed) -> list[str]:
    traits = person.traits
    borne = {normalised_birth_name(name) for name in (traits.birth_name, traits.usual_name) if name}
    said = ["surname"] if normalised_birth_name(listed.name) in borne else []
    return [*said, "address"] if door_digest(reach.lines, reach.postcode) in listed.doors else said
