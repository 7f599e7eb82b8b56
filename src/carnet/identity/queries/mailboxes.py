"""Which mailboxes of the trust space does the directory know: a professional's own, and those a search may find.

A mailbox on the red list works like any other and is found by nobody (mes.md M9, §3.8, 9).
"""

from enum import StrEnum
from typing import Final

import msgspec

from carnet.infra.db import Work

MOST_WORDS: Final = 8


class MailboxKind(StrEnum):
    """JDV_J139: of a professional, an organisation, an application, a practice (cabinet)."""

    PER = "PER"
    ORG = "ORG"
    APP = "APP"
    CAB = "CAB"


class Mailbox(msgspec.Struct, frozen=True, kw_only=True):
    """A published mailbox and whose it is. profession: TRE_G15 code; town: where its owner works."""

    address: str
    kind: MailboxKind
    label: str | None
    rpps: str | None
    family_name: str | None
    given_name: str | None
    profession: str | None
    specialty: str | None
    finess: str | None
    organisation_name: str | None
    town: str | None


class MailboxSearch(msgspec.Struct, frozen=True, kw_only=True):
    """What to look for; None or empty: anything. of_professionals: mailboxes of people, or those of places.

    name: every word begins a word of the owner's name; town: begins with; address: exactly. after: the last address of
    the page before.
    """

    of_professionals: bool
    name: str = ""
    professions: tuple[str, ...] = ()
    town: str = ""
    kinds: tuple[str, ...] = ()
    address: str | None = None
    after: str = ""
    count: int = 20


# ## A domain of the trust space ##
_DOMAIN: Final = """
SELECT 1 FROM mss_mailbox WHERE split_part(address, '@', 2) = %(domain)s AND status = 'active' LIMIT 1
"""
# ## Published mailboxes by whose they are; the red list is left out ##
_SEARCH: Final = """
SELECT m.address, m.kind, m.label, m.rpps, p.family_name, p.given_name, p.profession, p.specialty,
  o.finess, o.name, coalesce(o.town, p.town)
FROM mss_mailbox m LEFT JOIN professional p USING (rpps) LEFT JOIN care_organisation o ON o.finess = m.finess
WHERE m.status = 'active' AND NOT m.red_list AND (p.rpps IS NULL OR p.status = 'active')
  AND (m.rpps IS NOT NULL) = %(people)s AND m.address > %(after)s
  AND (%(address)s::text IS NULL OR m.address = %(address)s)
  AND (%(kinds)s::text[] = '{}' OR m.kind = ANY(%(kinds)s))
  AND (%(professions)s::text[] = '{}' OR p.profession = ANY(%(professions)s))
  AND (%(town)s::text = '' OR starts_with(plain(coalesce(o.town, p.town, '')), plain(%(town)s)))
  AND NOT EXISTS (SELECT FROM unnest(%(words)s::text[]) AS word WHERE position(' ' || plain(word) IN
    ' ' || plain(concat_ws(' ', p.given_name, p.family_name, CASE WHEN m.rpps IS NULL THEN o.name END, m.label))) = 0)
ORDER BY m.address LIMIT %(limit)s
"""


async def in_trust_space(work: Work, *, domain: str) -> bool:
    """Whether any mailbox of the directory lives at this domain, on the red list or not."""
    return bool(await work.rows(_DOMAIN, {"domain": domain.lower()}))


async def search_mailboxes(work: Work, *, asked: MailboxSearch) -> tuple[Mailbox, ...]:
    """Return published mailboxes in the order of their addresses, one more than `asked.count` when there are more."""
    params = {
        "people": asked.of_professionals,
        "after": asked.after,
        "address": asked.address,
        "kinds": list(asked.kinds),
        "professions": list(asked.professions),
        "town": asked.town.strip(),
        "words": asked.name.split()[:MOST_WORDS],
        "limit": asked.count + 1,
    }
    rows = await work.rows(_SEARCH, params)
    names = Mailbox.__struct_fields__
    return tuple(Mailbox(**{**dict(zip(names, row, strict=True)), "kind": MailboxKind(row[1])}) for row in rows)
