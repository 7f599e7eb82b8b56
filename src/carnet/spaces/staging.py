"""A block of lines becomes rows ready for COPY: parsed, found by digest, sealed, one row a person.

Runs in any process that has the house's keys; knows no database. Within a block a second line about the same person
replaces the first when the identity agrees and is refused when it does not; the database does the same across blocks.
"""

import csv
import functools
import hashlib
import struct
from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import msgspec

from carnet.identity.api import IdentityTraits, Ins
from carnet.infra.installation import current
from carnet.infra.vault import HouseKey, IndexKey
from carnet.kernel.errors import Invalid, Problem
from carnet.spaces.delegates import Place, index_digest, seal_place
from carnet.spaces.rules.beneficiaries import (
    CONTRADICTS,
    ENCODING,
    QUOTES,
    SEPARATOR,
    UNENDED,
    Beneficiary,
    Line,
    read_fields,
)
from carnet.spaces.rules.delays import zone_of
from carnet.spaces.rules.families import birthday
from carnet.spaces.rules.lifecycle import State

HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TRAILER = b"\xff\xff"
MAC_BYTES = 16
_FIELDS = struct.pack(">h", 8)
_PLACE_FIELDS = struct.pack(">h", 6)
_TIME = struct.Struct(">iq").pack
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
"""From where PostgreSQL counts microseconds."""
_LINE = struct.Struct(">iq").pack
_SIZE = struct.Struct(">i").pack
_DIGEST, _MAC = _SIZE(32), _SIZE(MAC_BYTES)
_YES, _NO = _SIZE(1) + b"\x01", _SIZE(1) + b"\x00"
_encode = msgspec.json.Encoder().encode
_Rows = dict[bytes, tuple[bytes, bytes, tuple[bytes, ...], int | None]]
"""By digest of the INS: digest of the identity, the row, rows of places, the line that says they died."""


class Block(msgspec.Struct, frozen=True, kw_only=True):
    """Whole lines of a file. first: number of the first one; at: when they are read."""

    data: bytes
    first: int
    at: datetime
    oids: frozenset[str]


class Reject(msgspec.Struct, frozen=True):
    """A line that did not go in, and why."""

    line: int
    problem: Problem


class Death(msgspec.Struct, frozen=True):
    """A line that says somebody died. digest: of their INS; identity: keyed digest of it (`traits_mac`)."""

    line: int
    digest: bytes
    identity: bytes


class Staged(msgspec.Struct, frozen=True, kw_only=True):
    """What a block became. copied: rows in PostgreSQL's binary COPY format; merged: lines another one replaced.

    places: where the representatives named may act, sealed, in the same format; empty when nobody is named.
    """

    copied: bytes
    places: bytes
    rows: int
    lines: int
    merged: int
    rejects: tuple[Reject, ...]
    deaths: tuple[Death, ...]


class Stager:
    """The keys a block needs, looked up once."""

    def __init__(self, index_key: IndexKey, house_key: HouseKey) -> None:
        self._index, self._house = index_key, house_key
        self._majority = current().limits.family.majority_age
        self._days: dict[str, str] = {}
        self._mac_key = house_key.digest("lines", purpose="enrolment-mac")

    def row(
        self, line: int, raw: bytes, fields: list[str], block: Block
    ) -> tuple[bytes, bytes, bytes, tuple[bytes, ...], bool]:
        """Return (digest of the INS, digest of the identity, the row, rows of places, died?). Raises Invalid."""
        read = read_fields(fields, today=functools.partial(self._today, block.at), oids=block.oids)
        ins = read.beneficiary.person.ins
        digest = self._index.ins_digest(matricule=ins.matricule, oid=ins.oid)
        traits = self.mac(identity(read.beneficiary.person.traits))
        sealed = seal(self._house, digest, read.beneficiary)
        departement, target = read.departement.encode(), read.target.encode()
        row = (
            _FIELDS + _LINE(8, line) + _DIGEST + digest + _MAC + traits + _MAC + self.mac(raw)
            + _SIZE(len(sealed)) + sealed + _SIZE(len(departement)) + departement
            + (_YES if read.beneficiary.reach.email else _NO) + _SIZE(len(target)) + target
        )  # fmt: skip
        return digest, traits, row, self.places(read, digest, traits), read.target is State.DECEASED

    def places(self, read: Line, digest: bytes, traits: bytes) -> tuple[bytes, ...]:
        """Return a row for each representative the insurer names of a minor: their side, a sealed way to the child."""
        person = read.beneficiary.person
        named = read.beneficiary.reach.representatives
        if not named or person.traits.birth_date is None:
            return ()
        until = birthday(person.traits.birth_date, self._majority)
        return tuple(self._place(Ins(one, person.ins.oid), digest, traits, until) for one in named)

    def _place(self, ins: Ins, child: bytes, traits: bytes, until: datetime) -> bytes:
        delegate = index_digest(self._index.ins_digest(matricule=ins.matricule, oid=ins.oid))
        place_id = self.mac(child + delegate)
        sealed = seal_place(Place(child=child), delegate=delegate, place_id=place_id)
        return (
            _PLACE_FIELDS + _DIGEST + child + _MAC + traits + _DIGEST + delegate + _MAC + place_id
            + _SIZE(len(sealed)) + sealed + _TIME(8, int((until - _EPOCH).total_seconds()) * 1_000_000)
        )  # fmt: skip

    def _today(self, at: datetime, departement: str) -> str:
        """A child is born on the day their own clock shows: Nouméa's begins ten hours before that of Paris."""
        zone = zone_of(departement)
        if zone not in self._days:
            self._days[zone] = at.astimezone(ZoneInfo(zone)).date().isoformat()
        return self._days[zone]

    def mac(self, data: bytes) -> bytes:
        """Return keyed BLAKE2b (RFC 7693) of `data`: equal for equal data, telling nothing without the house key."""
        return hashlib.blake2b(data, key=self._mac_key, digest_size=MAC_BYTES).digest()


def traits_mac(house: HouseKey, traits: IdentityTraits) -> bytes:
    """Return the keyed digest of an identity, as `enrolment` holds it."""
    key = house.digest("lines", purpose="enrolment-mac")
    return hashlib.blake2b(identity(traits), key=key, digest_size=MAC_BYTES).digest()


def identity(traits: IdentityTraits) -> bytes:
    """Return what makes two lines the same person: birth name without case and accents of typing, sex, birth date."""
    return "\x00".join((" ".join(traits.birth_name.casefold().split()), traits.sex, traits.birth_date or "")).encode()


def seal(house: HouseKey, digest: bytes, beneficiary: Beneficiary) -> bytes:
    """Seal a beneficiary for their row of `enrolment`."""
    return house.seal(table="enrolment", column="person_enc", row=digest.hex(), plaintext=_encode(beneficiary))


def unseal(house: HouseKey, digest: bytes, sealed: bytes) -> Beneficiary:
    """Open what `seal` sealed."""
    plain = house.open(table="enrolment", column="person_enc", row=digest.hex(), sealed=sealed)
    return msgspec.json.decode(plain, type=Beneficiary)


def stage(block: Block) -> Staged:
    """Turn a block into rows; a line that cannot stand is named with its reason, the others go on."""
    stager = Stager(current().index_key, current().house_key)
    rows: _Rows = {}
    rejects: list[Reject] = []
    lines = merged = 0
    *whole, unended = block.data.split(b"\n")
    for line, ended in enumerate(whole, block.first):
        lines += 1
        raw = ended.removesuffix(b"\r")
        if not raw:
            continue
        try:
            digest, traits, row, places, died = stager.row(line, raw, _fields(raw), block)
        except Invalid as refused:
            rejects.append(Reject(line, refused.problems[0]))
            continue
        former = rows.get(digest)
        if former is not None and former[0] != traits:
            rejects.append(Reject(line, CONTRADICTS))
            continue
        merged += former is not None
        rows[digest] = (traits, row, places, line if died else None)
    if unended:  # a death cut off its end would read as somebody's rights
        lines += 1
        rejects.append(Reject(block.first + len(whole), UNENDED))
    copied = b"".join([HEADER, *_in_order(rows), TRAILER])
    named = [one for _, _, places, _ in rows.values() for one in places]
    places_copied = b"".join([HEADER, *named, TRAILER]) if named else b""
    return Staged(
        copied=copied,
        places=places_copied,
        rows=len(rows),
        lines=lines,
        merged=merged,
        rejects=tuple(rejects),
        deaths=tuple(Death(died, digest, traits) for digest, (traits, _, _, died) in rows.items() if died),
    )


def _in_order(rows: _Rows) -> Iterator[bytes]:
    """Rows by digest: neighbours in the index are written together."""
    return (rows[digest][1] for digest in sorted(rows))


def _fields(raw: bytes) -> list[str]:
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        raise Invalid(ENCODING) from None
    if '"' not in text:
        return text.split(SEPARATOR)
    try:
        return next(csv.reader([text], delimiter=SEPARATOR, strict=True))
    except csv.Error:
        raise Invalid(QUOTES) from None
