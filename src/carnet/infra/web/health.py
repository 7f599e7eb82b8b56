"""Alive and ready. `/healthz`: the process answers. `/readyz`: the database and the store do too."""

from typing import Final

from litestar import Response, get

from carnet.infra.db.database import seated
from carnet.infra.installation import current
from carnet.infra.web.audience import Audience, open_to
from carnet.kernel.errors import Unavailable

_RETRY_SECONDS: Final = "5"


@get("/healthz", sync_to_thread=False, **open_to(Audience.PUBLIC))
def healthz() -> Response[str]:
    """Return 200 while the process can answer at all."""
    return Response("ok", media_type="text/plain")


@get("/readyz", **open_to(Audience.PUBLIC))
async def readyz() -> Response[str]:
    """Return 200 when database and store are fit, 503 otherwise, naming which one is not and when to ask again."""
    missing = []
    try:
        await seated().check()
    except Unavailable:
        missing.append("database")
    try:
        await current().blobs.check_fit()
    except Unavailable:
        missing.append("store")
    text = "ready" if not missing else "not ready: " + ", ".join(missing)
    headers = {"Retry-After": _RETRY_SECONDS} if missing else {}
    return Response(text, media_type="text/plain", status_code=503 if missing else 200, headers=headers)
