"""Who acts for whom, as values: the delegate, the place they may act in, and the keyed digests both are found by.

A place is what the delegate's side holds: enough to ask for entry and to name whose space it is, sealed with the house
key. It gives no right. Two digests, so that a stolen database ties no person to a family: one for the index, one made
for each space. Ignored here: rows and rights.
"""

import unicodedata
from datetime import datetime
from uuid import UUID

import msgspec

from carnet.identity.api import IdentityTraits, Ins
from carnet.infra.installation import current
from carnet.kernel.ids import SpaceId

NAMED = "named"
"""The kind of a place the insurer's file names, not entered yet."""


class Delegate(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who acts for another, as the space knows them; sealed. name: as on pages; proof: what the desk saw."""

    ins: Ins
    birth_name: str
    given_name: str
    birth_date: str
    name: str
    proof: str = ""

    def __repr__(self) -> str:
        return "Delegate(<hidden>)"


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """What whoever invites says of the invited: all of it must be true of them, or they never hear of it."""

    birth_name: str
    given_name: str
    birth_date: str

    def fits(self, delegate: Delegate) -> bool:
        """Tell whether every trait is the delegate's; letter case, accents and hyphens are of no account."""
        mine = (self.birth_name, self.given_name)
        theirs = (delegate.birth_name, delegate.given_name)
        return self.birth_date == delegate.birth_date and all(map(_alike, mine, theirs))

    def __repr__(self) -> str:
        return "Claim(<hidden>)"


class Place(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where somebody may act: sealed on their side. A place the insurer names holds the digest of the child only."""

    space: SpaceId | None = None
    delegation: UUID | None = None
    name: str = ""
    kind: str = NAMED
    basis: str = ""
    purpose: str = ""
    starts_at: datetime | None = None
    claim: Claim | None = None
    child: bytes = b""

    def __repr__(self) -> str:
        return "Place(<hidden>)"


def _alike(one: str, other: str) -> bool:
    return bool(_letters(one)) and _letters(one) == _letters(other)


def _letters(name: str) -> str:
    """Return the letters of a name as people type them: no case, no accents, no apostrophes, no hyphens."""
    opened = name.casefold().replace("œ", "oe").replace("æ", "ae")
    return "".join(one for one in unicodedata.normalize("NFD", opened) if one.isalpha())


def delegate_of(ins: Ins, traits: IdentityTraits) -> Delegate:
    """Return a person as somebody who acts for another."""
    first = traits.given_names[0] if traits.given_names else ""
    return Delegate(
        ins=ins,
        birth_name=traits.birth_name,
        given_name=first,
        birth_date=traits.birth_date or "",
        name=f"{first} {traits.usual_name or traits.birth_name}".strip(),
    )


def index_digest(person: bytes) -> bytes:
    """Return what the index finds a delegate by. person: the digest of their INS (`IndexKey.ins_digest`)."""
    return current().house_key.digest(person.hex(), purpose="delegate")


def person_digest(ins: Ins) -> bytes:
    """Return the digest of an INS."""
    return current().index_key.ins_digest(matricule=ins.matricule, oid=ins.oid)


def digest_in(space: SpaceId, ins: Ins) -> bytes:
    """Return what the row of one space knows its delegate by."""
    return current().house_key.digest(person_digest(ins).hex(), space.hex, purpose="delegate-in-space")


def seal_place(place: Place, *, delegate: bytes, place_id: bytes) -> bytes:
    """Seal a place for its row of the index."""
    row = f"{delegate.hex()}/{place_id.hex()}"
    plain = msgspec.json.encode(place)
    return current().house_key.seal(table="delegate_place", column="place_enc", row=row, plaintext=plain)


def open_place(sealed: bytes, *, delegate: bytes, place_id: bytes) -> Place:
    """Open what `seal_place` sealed."""
    row = f"{delegate.hex()}/{place_id.hex()}"
    plain = current().house_key.open(table="delegate_place", column="place_enc", row=row, sealed=sealed)
    return msgspec.json.decode(plain, type=Place)
