"""The directory comes in as data: a feed of organisations, professionals and where they work.

Set-based and safe to run again. Someone who left the register keeps their row (the journal names them) but is marked
"ended", which closes their access at the next decision.
"""

from datetime import datetime
from typing import Any

import msgspec

from carnet.infra.db import system_work
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Ground, allow


class DirectoryFeed(msgspec.Struct, frozen=True, kw_only=True):
    """organisations: {finess, name, kind, facility_type, town}; professionals: {rpps, family_name, given_name,
    profession, specialty, town, email, organisations: [finess]}."""

    organisations: tuple[dict[str, Any], ...] = ()
    professionals: tuple[dict[str, Any], ...] = ()


_ORGANISATIONS = """
INSERT INTO care_organisation (finess, name, kind, facility_type, town)
SELECT finess, name, kind, facility_type, town
FROM jsonb_to_recordset(%s::jsonb) AS f(finess text, name text, kind text, facility_type text, town text)
ON CONFLICT (finess) DO UPDATE SET name = excluded.name, kind = excluded.kind,
  facility_type = excluded.facility_type, town = excluded.town
"""
_PROFESSIONALS = """
INSERT INTO professional (rpps, family_name, given_name, profession, specialty, town, email)
SELECT rpps, family_name, given_name, profession, specialty, town, email
FROM jsonb_to_recordset(%s::jsonb) AS f(rpps text, family_name text, given_name text, profession text,
  specialty text, town text, email text)
ON CONFLICT (rpps) DO UPDATE SET family_name = excluded.family_name, given_name = excluded.given_name,
  profession = excluded.profession, specialty = excluded.specialty, town = excluded.town, email = excluded.email,
  status = 'active'
"""
_SITUATIONS = """
INSERT INTO professional_situation (rpps, finess)
SELECT f.rpps, o.finess FROM jsonb_to_recordset(%s::jsonb) AS f(rpps text, organisations jsonb),
  jsonb_array_elements_text(f.organisations) AS o(finess)
ON CONFLICT DO NOTHING
"""


async def import_directory(*, actor: Actor, feed: DirectoryFeed, at: datetime) -> None:
    """Create or update what the feed lists; nothing is removed."""
    organisations = msgspec.json.encode(feed.organisations).decode()
    professionals = msgspec.json.encode(feed.professionals).decode()
    async with system_work(at=at) as w:
        await w.execute(_ORGANISATIONS, (organisations,))
        await w.execute(_PROFESSIONALS, (professionals,))
        await w.execute(_SITUATIONS, (professionals,))
        counts = {"organisations": len(feed.organisations), "professionals": len(feed.professionals)}
        await record(w, Act.IMPORT_DIRECTORY, allow(Ground.DUTY), actor=actor, details=counts)
