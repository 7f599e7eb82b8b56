"""A registered software says where its pages are launched and where they come back to: exactly, nothing derived."""

from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from carnet.infra.db import system_work
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Ground, allow
from carnet.kernel.errors import Invalid, NotFound, Problem

BAD_ADDRESS: Final = Problem(
    code="bad-app-address",
    fr="Une adresse complète en https est attendue (http sur la boucle locale), sans fragment ni joker.",
    en="A complete https address is expected (http on loopback), without fragment or wildcard.",
    path="redirect_uris",
)
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_MOST: Final = 10
_PUT = """
INSERT INTO smart_app (client_id, launch_url, redirect_uris, changed_at)
SELECT client_id, %(launch)s, %(redirects)s, %(at)s FROM care_software WHERE client_id = %(client)s
ON CONFLICT (client_id) DO UPDATE SET launch_url = excluded.launch_url, redirect_uris = excluded.redirect_uris,
  changed_at = excluded.changed_at
"""


async def register_app(
    *, actor: Actor, client_id: str, launch_url: str, redirect_uris: tuple[str, ...], at: datetime
) -> None:
    """Register or change the pages of a software. Raises Invalid (an address), NotFound (no such software)."""
    if not 1 <= len(redirect_uris) <= _MOST or not all(map(_is_exact, (launch_url, *redirect_uris))):
        raise Invalid(BAD_ADDRESS)
    params = {"client": client_id, "launch": launch_url, "redirects": list(redirect_uris), "at": at}
    async with system_work(at=at) as w:
        if not await w.execute(_PUT, params):
            raise NotFound
        details: dict[str, object] = {"client_id": client_id, "redirect_uris": list(redirect_uris)}
        await record(w, Act.REGISTER_SOFTWARE, allow(Ground.DUTY), actor=actor, details=details)


def _is_exact(address: str) -> bool:
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    plain = address.isascii() and address.isprintable() and not set(address) & set(" *#\\<>\"'")
    safe = parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)
    return plain and safe and bool(host) and parts.username is None
