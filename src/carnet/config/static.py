"""The static files of the look and of clinical documents, from memory, kept by browsers for as long as they like.

Their addresses carry a hash (`?v=…`), so a new version is a new address; without it a browser asks again.
"""

from pathlib import PurePosixPath
from typing import Any

from litestar import Request, Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from carnet.design.static_files import CACHE_CONTROL, StaticFile, static_file
from carnet.formats.cda import STYLESHEET
from carnet.infra.web.audience import Audience, open_to

_BRIEFLY = "public, max-age=300"
_CLINICAL = {STYLESHEET.name: StaticFile(STYLESHEET.read_bytes(), "text/css; charset=utf-8")}


@get("/static/{name:path}", sync_to_thread=False, **open_to(Audience.PUBLIC))
def static(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[bytes]:
    """Return one static file. Style sheets may be used by frames without an origin: they hold nothing personal."""
    found = static_file(name) or _CLINICAL.get(PurePosixPath(name).name)
    if found is None:
        raise NotFoundException
    headers = {
        "Cache-Control": CACHE_CONTROL if request.query_params.get("v") else _BRIEFLY,
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    return Response(found.content, media_type=found.media_type.partition(";")[0], headers=headers)
