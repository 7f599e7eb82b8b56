"""Where a space stands that may be left: held still, then written as it became. The act that moves it leaves the trace.

The state is in `authz`, which every decision reads; the dates around it are in `space_ending`, one row for a space that
was ever left. Whatever moves it adds one to the rights epoch.
"""

import msgspec

from carnet.infra.db import Work
from carnet.infra.db.message import Rows, Statement
from carnet.infra.vault import SpaceKeys
from carnet.kernel.errors import NotFound
from carnet.kernel.ids import SpaceId
from carnet.spaces.queries.keys import keyset_statement, open_keys
from carnet.spaces.queries.person import open_contact
from carnet.spaces.rules.ending import Life, Motive, zone_of_postcode
from carnet.spaces.rules.lifecycle import Event, State

_COLUMNS = """
e.motive, e.zone, e.since, e.closed_at, e.due_event, e.due_at, e.erased_at, e.once, e.motive_once, e.alive_at
"""
# ## The state of the space and what is known of its leaving, held until the end of the transaction ##
_HELD = f"""
SELECT a.state, {_COLUMNS} FROM authz a LEFT JOIN space_ending e USING (space_id)
WHERE a.space_id = %(space)s FOR UPDATE OF a
"""
_READ = _HELD.replace("FOR UPDATE OF a", "")
_CONTACT = "SELECT contact_enc FROM space WHERE space_id = %(space)s"
# ## An erased space keeps no wish of its person either ##
_STATE = """
UPDATE authz SET state = %(state)s, epoch = epoch + 1, emergency_until = NULL WHERE space_id = %(space)s
"""
_BLANK = """
UPDATE authz SET masked_by_default = DEFAULT, allow_centre_15 = DEFAULT, allow_bris_de_glace = DEFAULT,
  allow_masked_in_emergency = DEFAULT, strong_consent = DEFAULT, teamed = DEFAULT, restricted = DEFAULT,
  guarded = DEFAULT, safeguarded = DEFAULT, refuses_heirs = DEFAULT
WHERE space_id = %(space)s
"""
_STORE = """
INSERT INTO space_ending (space_id, motive, zone, since, closed_at, due_event, due_at, erased_at, once, motive_once,
  alive_at)
VALUES (%(space)s, %(motive)s, %(zone)s, %(since)s, %(closed_at)s, %(due_event)s, %(due_at)s, %(erased_at)s, %(once)s,
  %(motive_once)s, %(alive_at)s)
ON CONFLICT (space_id) DO UPDATE SET motive = excluded.motive, zone = excluded.zone, since = excluded.since,
  closed_at = excluded.closed_at, due_event = excluded.due_event, due_at = excluded.due_at,
  erased_at = excluded.erased_at, once = excluded.once, motive_once = excluded.motive_once,
  alive_at = excluded.alive_at, noted = false
"""
_CAME = "UPDATE space SET activated_at = coalesce(activated_at, %(at)s) WHERE space_id = %(space)s"


async def life_in(w: Work) -> Life:
    """Return where the transaction's space stands. Raises NotFound."""
    return await _life(w, _READ)


async def hold_life(w: Work) -> Life:
    """Return the same, nobody else moving it meanwhile; with its time zone, when it was never left before."""
    life = await _life(w, _HELD)
    if life.since is not None or life.state in {State.DELETED, State.DECEASED}:
        return life
    statement = keyset_statement(w.space_id)
    keys = await open_keys(await w.rows(statement.sql, statement.params), space=w.space_id)
    return life if keys is None else msgspec.structs.replace(life, zone=await zone_in(w, keys=keys))


async def zone_in(w: Work, *, keys: SpaceKeys) -> str:
    """Return by whose clock (IANA zone) the person of the transaction's space lives; Paris's when nobody said."""
    statement = zone_statement(w.space_id)
    return to_zone(await w.rows(statement.sql, statement.params), keys=keys, space=w.space_id)


def zone_statement(space: SpaceId) -> Statement:
    """Return the statement whose rows `to_zone` reads, for pages that send several at once."""
    return Statement(_CONTACT, {"space": space})


def to_zone(rows: Rows, *, keys: SpaceKeys, space: SpaceId) -> str:
    """Return what `zone_in` says, out of the rows of `zone_statement`."""
    insurer = open_contact(rows[0][0], keys=keys, space=space).insurer if rows else None
    return zone_of_postcode(insurer.postcode if insurer else "")


async def store_life(w: Work, life: Life) -> None:
    """Write where the transaction's space stands now; rights that rested on the old state end here."""
    asked = {"space": w.space_id, "at": w.at, **msgspec.to_builtins(life, builtin_types=(type(w.at),))}
    await w.execute(_STATE, asked)
    await w.execute(_STORE, asked)
    if life.state is State.ACTIVE:
        await w.execute(_CAME, asked)
    if life.state is State.DELETED:
        await w.execute(_BLANK, asked)


async def _life(w: Work, sql: str) -> Life:
    row = await w.row(sql, {"space": w.space_id})
    if row is None:
        raise NotFound
    state, motive, zone, since, closed_at, due_event, due_at, erased_at, once, motive_once, alive_at = row
    if since is None:
        return Life(state=State(state))
    return Life(
        state=State(state),
        motive=Motive(motive),
        zone=zone,
        since=since,
        closed_at=closed_at,
        due_event=Event(due_event) if due_event else None,
        due_at=due_at,
        erased_at=erased_at,
        once=State(once) if once else None,
        motive_once=Motive(motive_once) if motive_once else None,
        alive_at=alive_at,
    )
