"""How an address names a patient: by the space, sealed for this session. Copied elsewhere it opens nothing.

Neither the INS nor anything stable about the person is ever in an address, so a history, a bookmark or a shared screen
tells nobody whose file was open.
"""

import base64
import binascii
import re
from typing import Final
from uuid import UUID

from carnet.identity.api import WebSession
from carnet.infra.installation import current
from carnet.infra.vault import Unopenable
from carnet.kernel.errors import NotFound
from carnet.kernel.ids import SpaceId

_TABLE: Final = "pro_address"
_COLUMN: Final = "space"
_SHAPE: Final = re.compile(r"[A-Za-z0-9_-]{20,200}")


def seal_handle(session: WebSession, space: SpaceId) -> str:
    """Return what stands for `space` in the addresses of this session; another at each call."""
    sealed = current().house_key.seal(table=_TABLE, column=_COLUMN, row=session.public_id, plaintext=space.bytes)
    return _written(sealed)


def open_handle(session: WebSession, handle: str) -> SpaceId:
    """Return the space; NotFound for anything this session was not given."""
    if not _SHAPE.fullmatch(handle):
        raise NotFound
    try:
        sealed = base64.urlsafe_b64decode(handle + "=" * (-len(handle) % 4))
        if _written(sealed) != handle:
            raise NotFound
        plain = current().house_key.open(table=_TABLE, column=_COLUMN, row=session.public_id, sealed=sealed)
    except (Unopenable, binascii.Error, ValueError):
        raise NotFound from None
    return SpaceId(UUID(bytes=plain))


def _written(sealed: bytes) -> str:
    return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()
