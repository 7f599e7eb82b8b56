"""The person changes how they are reached, in which language, and the default for new documents."""

import re
from datetime import datetime

import msgspec

from carnet.infra.db import work
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Ground, Reason, allow, refuse
from carnet.kernel.errors import Invalid, Problem
from carnet.kernel.ids import SpaceId
from carnet.spaces.data import Contact, SpaceSettings
from carnet.spaces.queries.person import keys_in

CHANNELS = frozenset({"portal", "email"})
_EMAIL = re.compile(r"[^@\s<>,;:\"()\[\]\\]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])")
BAD_EMAIL = Problem(
    code="email", fr="Cette adresse e-mail n'est pas valable.", en="This e-mail address is not valid.", path="email"
)
BAD_CHANNEL = Problem(
    code="channel", fr="Ce canal n'existe pas.", en="This channel does not exist.", path="notice_channels"
)

_SETTINGS = "UPDATE space SET language = %s, notice_channels = %s, contact_enc = %s WHERE space_id = %s"
_DEFAULT = "UPDATE authz SET masked_by_default = %s, epoch = epoch + 1 WHERE space_id = %s AND masked_by_default <> %s"


async def change_settings(
    *, actor: Actor, space: SpaceId, settings: SpaceSettings, email: str | None, at: datetime
) -> None:
    """Store the person's settings. Raises Invalid (e-mail, channel) or Refused (not the person)."""
    if email is not None and _EMAIL.fullmatch(email) is None:
        raise Invalid(BAD_EMAIL)
    if not set(settings.notice_channels) <= CHANNELS or settings.language not in {"fr", "en"}:
        raise Invalid(BAD_CHANNEL)
    decision = allow(Ground.OWN_SPACE) if actor.space == space and actor.strong else refuse(Reason.OTHER_SPACE)
    async with work(space=space, at=at) as w:
        await record(w, Act.CHANGE_SETTINGS, decision, actor=actor)
        if decision.allowed:
            keys = await keys_in(w)
            plain = msgspec.json.encode(Contact(email=email))
            sealed = keys.seal(table="space", column="contact_enc", row=space, plaintext=plain)
            await w.execute(_SETTINGS, (settings.language, list(settings.notice_channels), sealed, space))
            await w.execute(_DEFAULT, (settings.masked_by_default, space, settings.masked_by_default))
    decision.raise_if_refused()
