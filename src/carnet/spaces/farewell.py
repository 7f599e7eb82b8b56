"""The last message: where it goes and what it says, sealed with the house key, for the space's own are gone by then."""

from uuid import UUID

import msgspec

from carnet.infra.installation import current

_PLACE = {"table": "erasure_certificate", "column": "farewell"}


class Farewell(msgspec.Struct, frozen=True):
    """Where to write, and the number of the certificate."""

    address: str
    number: str

    def __repr__(self) -> str:
        return "Farewell(<hidden>)"


def seal_farewell(certificate: UUID, *, address: str, number: str) -> bytes:
    """Seal for the queue where the last message goes and what it says."""
    plain = msgspec.json.encode(Farewell(address, number))
    return current().house_key.seal(**_PLACE, row=certificate, plaintext=plain)


def open_farewell(certificate: UUID, sealed: bytes) -> Farewell:
    """Open what `seal_farewell` made. Raises Unopenable."""
    plain = current().house_key.open(**_PLACE, row=certificate, sealed=sealed)
    return msgspec.json.decode(plain, type=Farewell)
