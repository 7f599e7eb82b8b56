"""Facts several pages of the portal share. Plain data the handlers fill from the records, access and journal doors.

Deliberately ignores everything a page does not show; times carry their offset.
"""

from datetime import date, datetime
from typing import Literal

import msgspec

PartyKind = Literal["professional", "organisation", "team"]
AuthorKind = Literal["professional", "organisation", "person", "device"]


class AuthorFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Who made a document. profession: code of the national table, empty when not a professional."""

    kind: AuthorKind
    name: str
    profession: str = ""
    organisation: str = ""


class DocumentFacts(msgspec.Struct, frozen=True, kw_only=True):
    """One document as the person may see it. `title` is decrypted; `about` is the date of the care, `added_at` of the
    deposit; `new` = arrived since the last visit; `unread` = never opened by this reader; `found`: words inside it, in
    pieces, each with whether it was looked for; `found_page`: where, when pages have a meaning;
    `carried`: from an earlier record (DMP); `archived`: filed away by its author.
    """

    id: str
    title: str
    category: str
    about: date
    added_at: datetime
    author: AuthorFacts
    unread: bool = False
    new: bool = False
    masked: bool = False
    hidden_from_representatives: bool = False
    superseded: bool = False
    deleted: bool = False
    mine: bool = False
    carried: bool = False
    archived: bool = False
    unscanned: bool = False
    found: tuple[tuple[str, bool], ...] = ()
    found_page: int | None = None


class PartyFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A professional or an organisation of the directory, or a team the person recorded. `id` is what forms send back
    (opaque); members: names, of a team.
    """

    id: str
    kind: PartyKind
    name: str
    profession: str = ""
    organisation: str = ""
    town: str = ""
    members: tuple[str, ...] = ()


class TraceFacts(msgspec.Struct, frozen=True, kw_only=True):
    """One journal entry the person may read. `act`: the journal's act code; `by`: what kind of actor; `document` is
    None when the document is gone or the entry has none; `refused`: the act was asked for and denied; `shown`: the
    place of what a professional was shown, empty when this is no list of theirs.
    """

    at: datetime
    act: str
    by: Literal["me", "representative", "carer", "professional", "organisation", "software", "support", "system"]
    actor: str = ""
    profession: str = ""
    organisation: str = ""
    software: str = ""
    mode: Literal["normal", "bris_de_glace", "centre_15"] = "normal"
    document: str | None = None
    document_title: str = ""
    party: str = ""
    place: str = ""
    refused: bool = False
    shown: str = ""
