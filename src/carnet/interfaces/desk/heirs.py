"""Requests of heirs: recorded in a contact about somebody who died, answered by another agent, ended by any of them.

What an agent sees is what the heir said and showed, never anything of the deceased's space.
"""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from msgspec.structs import replace

from carnet.access.api import (
    NO_CAPACITY,
    NO_REASON,
    AskedByHeir,
    Capacity,
    HeirsRequest,
    Purpose,
    answer_heir,
    ask_for_heir,
    end_heir_reading,
    list_heirs_requests,
    see_heirs_proof,
    see_heirs_request,
)
from carnet.interfaces.desk.asking import letter_in, numbers_in, traits_in
from carnet.interfaces.desk.heirs_letter import LAW, said
from carnet.interfaces.desk.presenters.heirs import HEIRS
from carnet.interfaces.desk.two_agents import FIELD, Matter, Submitted, routes_of
from carnet.kernel.errors import Invalid, Problem
from carnet.spaces.api import Asker, Delegate

_STATEMENT: Final = 1000
FIELDS: Final = {
    **dict.fromkeys(("defunt_nom", "defunt_prenom", "defunt_naissance"), FIELD),
    **dict.fromkeys(("ins", "nom", "prenom", "naissance", "qualite", "motif", "rpps"), FIELD),
    "expose": _STATEMENT,
}


async def _record(sent: Submitted) -> tuple[UUID, str]:
    """Record what the heir asks for; what the person refused while alive is refused at once."""
    asked = replace(_asked(sent.typed), proof=await letter_in(sent.form))
    made = await ask_for_heir(actor=sent.actor, contact=sent.contact, asked=asked, at=sent.at)
    found = await see_heirs_request(actor=sent.actor, request=made, at=sent.at)
    return made, "heir-asked" if found.granted is None else "heir-refused"


def _asked(typed: Mapping[str, str]) -> AskedByHeir:
    """Return what was typed, but for the proof. Raises Invalid with the fields' own names."""
    capacity = next((one for one in Capacity if typed["qualite"] == str(one)), None)
    problems: list[Problem] = [] if capacity else [NO_CAPACITY]
    numbers = numbers_in(typed["ins"], problems)
    heir = traits_in(typed, ("nom", "prenom", "naissance"), problems)
    deceased = traits_in(typed, ("defunt_nom", "defunt_prenom", "defunt_naissance"), problems)
    if capacity is None or not numbers or heir is None or deceased is None:
        raise Invalid(*problems)
    parent = capacity is Capacity.PARENT
    return AskedByHeir(
        heir=Delegate(
            ins=numbers[0],
            birth_name=heir.birth_name,
            given_name=heir.given_names[0],
            birth_date=heir.birth_date or "",
            name=f"{heir.given_names[0]} {heir.birth_name}",
        ),
        numbers=numbers,
        deceased=deceased,
        capacity=capacity,
        motive=None if parent else next((one for one in Purpose if typed["motif"] == str(one)), None),
        statement=typed["expose"],
        physician=typed["rpps"].replace(" ", ""),
        proof=None,
    )


_MATTER: Final[Matter[HeirsRequest]] = Matter(
    kind=HEIRS,
    fields=FIELDS,
    asker=Asker.HEIR,
    offers=lambda opened, _problems: opened.standing.space is not None,
    record=_record,
    listed=list_heirs_requests,
    see=see_heirs_request,
    see_scan=see_heirs_proof,
    answer=answer_heir,
    no_answer=NO_REASON,
    granted_notice="heir-granted",
    refused_notice="heir-refused",
    end=end_heir_reading,
    ended_notice="heir-ended",
    said=said,
    law=LAW,
)
ROUTES: Final = routes_of(_MATTER)
