"""What the person chose, and where they are signed in."""

from datetime import datetime

import msgspec

from carnet.access.api import Need, heirs_refused
from carnet.identity.api import SessionLimits, SignedIn, list_sessions
from carnet.interfaces.portal.presenters.settings import SessionFacts, SettingsFacts
from carnet.interfaces.portal.sources.own_space import own_space
from carnet.spaces.api import Contact, Person, SpaceSettings, view_in


class Chosen(msgspec.Struct, frozen=True):
    """The settings in force, and how the person is reached."""

    settings: SpaceSettings
    contact: Contact
    first_name: str = ""
    welcomed: bool = True
    refuses_heirs: bool = False

    def with_default(self, *, masked: bool) -> SpaceSettings:
        """Return the settings with another default for new documents."""
        return msgspec.structs.replace(self.settings, masked_by_default=masked)


async def gather_chosen(*, signed_in: SignedIn, at: datetime) -> Chosen:
    """Return the settings in force."""
    async with own_space(signed_in, need=Need.LIST, at=at) as work:
        view, refuses = await view_in(work), await heirs_refused(work)
    names = view.person.traits.given_names
    return Chosen(view.settings, view.contact, names[0] if names else "", view.welcomed_at is not None, refuses)


async def gather_person(*, signed_in: SignedIn, at: datetime) -> Person:
    """Return who the person is."""
    async with own_space(signed_in, need=Need.LIST, at=at) as work:
        return (await view_in(work)).person


async def gather_settings(*, signed_in: SignedIn, limits: SessionLimits, at: datetime) -> SettingsFacts:
    """Return the settings in force and the open sessions."""
    chosen = await gather_chosen(signed_in=signed_in, at=at)
    proposed = chosen.contact.proposed
    lines = await list_sessions(session=signed_in.session, limits=limits, at=at)
    return SettingsFacts(
        email=chosen.contact.email or "",
        proposed=proposed.address if proposed and proposed.until > at else "",
        by_email="email" in chosen.settings.notice_channels,
        weekly="weekly" in chosen.settings.notice_channels,
        quiet=chosen.settings.quiet_subjects,
        masked_by_default=chosen.settings.masked_by_default,
        refuses_heirs=chosen.refuses_heirs,
        sessions=tuple(
            SessionFacts(
                id=line.public_id.hex,
                current=line.public_id == signed_in.session.public_id,
                opened_at=line.created_at,
                last_seen_at=line.last_seen_at,
                device=line.device,
            )
            for line in lines
        ),
    )
