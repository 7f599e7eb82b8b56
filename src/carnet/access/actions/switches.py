"""The person's switches: three for emergencies, one for the strong mode; and who their attending doctor is."""

from datetime import datetime

import msgspec

from carnet.access.actions.change_list import AccessList
from carnet.access.data import Mode, Need
from carnet.access.events import AccessChanged
from carnet.infra.db import work
from carnet.infra.jobs.outbox import publish
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor
from carnet.kernel.ids import SpaceId

_SET = """
UPDATE authz SET epoch = epoch + 1,
  allow_bris_de_glace = coalesce(%(bris_de_glace)s, allow_bris_de_glace),
  allow_centre_15 = coalesce(%(centre_15)s, allow_centre_15),
  allow_masked_in_emergency = coalesce(%(masked_in_emergency)s, allow_masked_in_emergency),
  strong_consent = coalesce(%(strong_consent)s, strong_consent),
  masked_by_default = coalesce(%(masked_by_default)s, masked_by_default)
WHERE space_id = %(space)s
"""
_DOCTOR = """
INSERT INTO attending_doctor (space_id, rpps, declared_at) VALUES (%(space)s, %(rpps)s, %(at)s)
ON CONFLICT (space_id) DO UPDATE SET rpps = excluded.rpps, declared_at = excluded.declared_at
"""
_NO_DOCTOR = "DELETE FROM attending_doctor WHERE space_id = %(space)s"


class AccessSwitches(msgspec.Struct, frozen=True, kw_only=True):
    """bris_de_glace, centre_15: who may come in an emergency. masked_in_emergency: whether they see what is masked.

    strong_consent: whether recording a consent asks for a one-time code. masked_by_default: whether new documents are
    masked from professionals. None: left as it stands.
    """

    bris_de_glace: bool | None = None
    centre_15: bool | None = None
    masked_in_emergency: bool | None = None
    strong_consent: bool | None = None
    masked_by_default: bool | None = None

    @property
    def refused(self) -> tuple[Mode, ...]:
        """The kinds of emergency that are switched off."""
        lets = {Mode.BRIS_DE_GLACE: self.bris_de_glace, Mode.CENTRE_15: self.centre_15}
        return tuple(mode for mode, on in lets.items() if on is False)


async def change_switches(*, actor: Actor, space: SpaceId, switches: AccessSwitches, at: datetime) -> None:
    """Change the switches given; an emergency under way that they no longer allow ends here. Raises Refused."""
    async with work(space=space, at=at) as w:
        lines = AccessList(w, actor=actor)
        _, decision = await lines.weigh(Need.MANAGE_ACCESS)
        chosen = msgspec.structs.asdict(switches)
        said = {name: on for name, on in chosen.items() if on is not None}
        await record(w, Act.CHANGE_SWITCHES, decision, actor=actor, details=said)
        if decision.allowed:
            await w.execute(_SET, chosen | {"space": space})
            await lines.end_emergencies(modes=switches.refused)
            await publish(w, AccessChanged(space=space, effect="switches"))
    decision.raise_if_refused()


async def declare_attending_doctor(*, actor: Actor, space: SpaceId, rpps: str | None, at: datetime) -> None:
    """The person names their attending doctor, or nobody with None. It gives no access. Raises Invalid, Refused."""
    async with work(space=space, at=at) as w:
        lines = AccessList(w, actor=actor)
        _, decision = await lines.weigh(Need.MANAGE_ACCESS)
        await record(w, Act.DECLARE_DOCTOR, decision, actor=actor, details={"grantee": rpps} if rpps else {})
        if decision.allowed and rpps is not None:
            await lines.check_doctor(rpps)
        if decision.allowed:
            await w.execute(_DOCTOR if rpps else _NO_DOCTOR, {"space": space, "rpps": rpps, "at": at})
    decision.raise_if_refused()
