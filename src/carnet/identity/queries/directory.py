"""Who is in the public health directory? Professionals, organisations, and which software works for whom."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

import msgspec

from carnet.infra.db import Work

TITLES: Final = frozenset({"dr", "docteur", "docteure", "pr", "professeur", "professeure", "doctor", "professor"})
"""What people write before a name, and the directory does not."""
NO_CALLINGS: Final[Mapping[str, str]] = MappingProxyType({})


class Professional(msgspec.Struct, frozen=True, kw_only=True):
    """A professional as the public directory knows them. profession: TRE_G15 code."""

    rpps: str
    family_name: str
    given_name: str
    profession: str
    specialty: str | None
    town: str | None
    status: str

    @property
    def name(self) -> str:
        """Given name and family name."""
        return f"{self.given_name} {self.family_name}"


class CareOrganisation(msgspec.Struct, frozen=True, kw_only=True):
    """An organisation as the public directory knows it. facility_type: JDV_J02 code."""

    finess: str
    name: str
    kind: str
    facility_type: str | None
    town: str | None


class CareSoftware(msgspec.Struct, frozen=True, kw_only=True):
    """A registered software and the keys it signs with."""

    client_id: str
    name: str
    finess: str
    organisation_name: str
    jwks: dict[str, Any]
    scopes: tuple[str, ...]
    status: str


# ## One professional ##
_PROFESSIONAL = """
SELECT rpps, family_name, given_name, profession, specialty, town, status FROM professional WHERE rpps = %s
"""
# ## One organisation ##
_ORGANISATION = "SELECT finess, name, kind, facility_type, town FROM care_organisation WHERE finess = %s"
# ## One software with its organisation's name ##
_SOFTWARE = """
SELECT s.client_id, s.name, s.finess, o.name, s.jwks, s.scopes, s.status
FROM care_software s JOIN care_organisation o USING (finess) WHERE s.client_id = %s
"""
# ## Professionals and organisations whose name, town or profession holds each word, accents and case forgiven ##
_SEARCH = """
SELECT kind, identifier, name, profession, town FROM (
  SELECT 'professional' AS kind, rpps AS identifier, given_name || ' ' || family_name AS name, profession, town
  FROM professional WHERE status = 'active'
  UNION ALL
  SELECT 'organisation', finess, name, NULL, town FROM care_organisation
) AS listed
WHERE (SELECT bool_and(plain(concat_ws(' ', name, town, %(callings)s::jsonb ->> profession))
                       LIKE '%%' || plain(word) || '%%')
       FROM unnest(%(words)s::text[]) AS word)
ORDER BY kind DESC, name, identifier LIMIT %(limit)s
"""


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """One hit of a directory search. kind: "professional" or "organisation"."""

    kind: str
    identifier: str
    name: str
    profession: str | None
    town: str | None


async def professional(work: Work, rpps: str) -> Professional | None:
    """Return the professional, or None when the directory does not know them."""
    row = await work.row(_PROFESSIONAL, (rpps,))
    return Professional(**dict(zip(Professional.__struct_fields__, row, strict=True))) if row else None


async def organisation(work: Work, finess: str) -> CareOrganisation | None:
    """Return the organisation, or None."""
    row = await work.row(_ORGANISATION, (finess,))
    return CareOrganisation(**dict(zip(CareOrganisation.__struct_fields__, row, strict=True))) if row else None


async def software(work: Work, client_id: str) -> CareSoftware | None:
    """Return the software, suspended ones included, or None."""
    row = await work.row(_SOFTWARE, (client_id,))
    if row is None:
        return None
    return CareSoftware(**{**dict(zip(CareSoftware.__struct_fields__, row, strict=True)), "scopes": tuple(row[5])})


async def search_directory(
    work: Work, *, text: str, callings: Mapping[str, str] = NO_CALLINGS, limit: int = 20
) -> list[Listed]:
    """Return professionals and organisations matching every word of `text` (name, town or profession) but titles.

    callings: how people say each profession, by its TRE_G15 code.
    """
    words = [word.replace("%", "").replace("_", "") for word in text.split() if word.strip("%_")]
    words = [word for word in words if word.casefold().rstrip(".") not in TITLES] or words
    if not words:
        return []
    said = msgspec.json.encode(dict(callings)).decode()
    rows = await work.rows(_SEARCH, {"words": words[:8], "callings": said, "limit": limit})
    return [Listed(**dict(zip(Listed.__struct_fields__, row, strict=True))) for row in rows]
