"""The directory comes in as data: a feed of organisations, professionals and where they work.

Set-based and safe to run again. Someone who left the register keeps their row (the journal names them) but is marked
"ended", which closes their access at the next decision.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec

from carnet.identity.addresses import door_digest
from carnet.infra.db import system_work
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Ground, allow


class FeedAddress(msgspec.Struct, frozen=True, kw_only=True):
    """An address the directory shows. lines: all above postcode and town; kept of them is a keyed digest (misuse)."""

    city: str | None = None
    lines: tuple[str, ...] = ()
    postcode: str = ""


class FeedOrganisation(msgspec.Struct, frozen=True, kw_only=True):
    """One organisation of a feed. finess: nine characters; facility_type: JDV_J02 code."""

    finess: str
    name: str
    facility_type: str | None = None
    facility_label: str = ""
    address: FeedAddress = FeedAddress()


class FeedProfessional(msgspec.Struct, frozen=True, kw_only=True):
    """One professional at one workplace. profession: TRE_G15 code; several lines for several workplaces; address: of
    correspondence.
    """

    rpps: str
    family: str
    given: str
    profession: str
    specialty: str | None = None
    finess: str | None = None
    city: str | None = None
    mssante: str | None = None
    address: FeedAddress = FeedAddress()


class FeedMailbox(msgspec.Struct, frozen=True, kw_only=True):
    """One mailbox of the trust space. kind: PER, ORG, APP or CAB; rpps, finess: whose; red_list: works, never found."""

    address: str
    kind: Literal["PER", "ORG", "APP", "CAB"]
    rpps: str | None = None
    finess: str | None = None
    label: str | None = None
    red_list: bool = False


class DirectoryFeed(msgspec.Struct, frozen=True, kw_only=True):
    """What the directory of a country hands over."""

    organisations: tuple[FeedOrganisation, ...] = ()
    professionals: tuple[FeedProfessional, ...] = ()
    mailboxes: tuple[FeedMailbox, ...] = ()


_ORGANISATIONS = """
INSERT INTO care_organisation (finess, name, kind, facility_type, town, door)
SELECT finess, name, facility_label, facility_type, address ->> 'city', decode(door, 'hex')
FROM jsonb_to_recordset(%s::jsonb) AS f(finess text, name text, facility_label text, facility_type text, address jsonb,
  door text)
ON CONFLICT (finess) DO UPDATE SET name = excluded.name, kind = excluded.kind,
  facility_type = excluded.facility_type, town = excluded.town, door = excluded.door
"""
_PROFESSIONALS = """
INSERT INTO professional (rpps, family_name, given_name, profession, specialty, town, email, door)
SELECT DISTINCT ON (f.rpps) f.rpps, family, given, profession, specialty, coalesce(f.city, o.town), mssante,
  decode(f.door, 'hex')
FROM jsonb_to_recordset(%s::jsonb) AS f(rpps text, family text, given text, profession text, specialty text,
  finess text, city text, mssante text, door text) LEFT JOIN care_organisation o ON o.finess = f.finess
ON CONFLICT (rpps) DO UPDATE SET family_name = excluded.family_name, given_name = excluded.given_name,
  profession = excluded.profession, specialty = excluded.specialty, town = excluded.town, email = excluded.email,
  door = excluded.door, status = 'active'
"""
_SITUATIONS = """
INSERT INTO professional_situation (rpps, finess)
SELECT f.rpps, f.finess FROM jsonb_to_recordset(%s::jsonb) AS f(rpps text, finess text)
WHERE f.finess IS NOT NULL
ON CONFLICT DO NOTHING
"""
_OWN_MAILBOXES = """
INSERT INTO mss_mailbox (address, kind, rpps, finess)
SELECT DISTINCT ON (lower(mssante)) lower(mssante), 'PER', f.rpps, f.finess
FROM jsonb_to_recordset(%s::jsonb) AS f(rpps text, mssante text, finess text) WHERE position('@' IN mssante) > 1
ON CONFLICT (address) DO UPDATE SET kind = 'PER', rpps = excluded.rpps, finess = excluded.finess, status = 'active'
"""
_MAILBOXES = """
INSERT INTO mss_mailbox (address, kind, rpps, finess, label, red_list)
SELECT DISTINCT ON (lower(address)) lower(address), kind, rpps, finess, label, coalesce(red_list, false)
FROM jsonb_to_recordset(%s::jsonb)
  AS f(address text, kind text, rpps text, finess text, label text, red_list boolean)
ON CONFLICT (address) DO UPDATE SET kind = excluded.kind, rpps = excluded.rpps, finess = excluded.finess,
  label = excluded.label, red_list = excluded.red_list, status = 'active'
"""


async def import_directory(*, actor: Actor, feed: DirectoryFeed, at: datetime) -> None:
    """Create or update what the feed lists; nothing is removed."""
    organisations, professionals = _with_doors(feed.organisations), _with_doors(feed.professionals)
    async with system_work(at=at) as w:
        await w.execute(_ORGANISATIONS, (organisations,))
        await w.execute(_PROFESSIONALS, (professionals,))
        await w.execute(_SITUATIONS, (professionals,))
        await w.execute(_OWN_MAILBOXES, (professionals,))
        await w.execute(_MAILBOXES, (msgspec.json.encode(feed.mailboxes).decode(),))
        counts: dict[str, object] = {"organisations": len(feed.organisations), "professionals": len(feed.professionals)}
        await record(w, Act.IMPORT_DIRECTORY, allow(Ground.DUTY), actor=actor, details=counts)


def _with_doors(listed: Sequence[FeedOrganisation] | Sequence[FeedProfessional]) -> str:
    """Return the rows of a feed as JSON, each with the digest of its address."""
    rows = []
    for one in listed:
        door = door_digest(one.address.lines, one.address.postcode)
        rows.append(msgspec.structs.asdict(one) | {"door": door.hex() if door else None})
    return msgspec.json.encode(rows).decode()
