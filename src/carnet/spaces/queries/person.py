"""Whose space is this? The sealed person, contact and settings, one statement."""

from typing import Any

import msgspec

from carnet.infra.db import Work
from carnet.infra.db.work import Statement
from carnet.infra.vault import SpaceKeys
from carnet.kernel.errors import NotFound
from carnet.kernel.ids import SpaceId
from carnet.spaces.data import Contact, Person, SpaceSettings, SpaceView
from carnet.spaces.queries.keys import keyset_statement, open_keys

# ## The person and settings of one space ##
_PERSON = """
SELECT s.person_enc, s.contact_enc, s.language, s.notice_channels, a.masked_by_default, a.state, s.opened_at,
       s.activated_at, s.quiet_subjects, s.welcomed_at, s.terms, s.terms_at
FROM space s JOIN authz a USING (space_id) WHERE s.space_id = %(space)s
"""


def person_statement(space: SpaceId) -> Statement:
    """Return the statement that reads the person of `space`."""
    return Statement(_PERSON, {"space": space})


def to_view(row: tuple[Any, ...], *, keys: SpaceKeys, space: SpaceId) -> SpaceView:
    """Open the row of `person_statement`."""
    person, contact, language, channels, masked, state, opened_at, activated_at, quiet, welcomed_at, *agreed = row
    return SpaceView(
        space=space,
        state=state,
        person=open_person(person, keys=keys, space=space),
        contact=open_contact(contact, keys=keys, space=space),
        settings=SpaceSettings(
            language=language,
            notice_channels=tuple(channels),
            masked_by_default=masked,
            quiet_subjects=tuple(quiet),
        ),
        opened_at=opened_at,
        activated_at=activated_at,
        welcomed_at=welcomed_at,
        terms=agreed[0],
        terms_at=agreed[1],
    )


def open_person(sealed: bytes, *, keys: SpaceKeys, space: SpaceId) -> Person:
    """Open the sealed person."""
    plain = keys.open(table="space", column="person_enc", row=space, sealed=bytes(sealed))
    return msgspec.json.decode(plain, type=Person)


def open_contact(sealed: bytes | None, *, keys: SpaceKeys, space: SpaceId) -> Contact:
    """Open the sealed contact; an empty one when there is none."""
    if sealed is None:
        return Contact()
    plain = keys.open(table="space", column="contact_enc", row=space, sealed=bytes(sealed))
    return msgspec.json.decode(plain, type=Contact)


async def keys_in(work: Work) -> SpaceKeys:
    """Return the keys of the transaction's space; NotFound when it has none."""
    statement = keyset_statement(work.space_id)
    keys = await open_keys(await work.rows(statement.sql, statement.params), space=work.space_id)
    if keys is None:
        raise NotFound
    return keys


async def view_in(work: Work) -> SpaceView:
    """Return the space of an open transaction with its person. For journeys and notifications, after a decision."""
    keys = await keys_in(work)
    statement = person_statement(work.space_id)
    row = await work.row(statement.sql, statement.params)
    if row is None:
        raise NotFound
    return to_view(row, keys=keys, space=work.space_id)
