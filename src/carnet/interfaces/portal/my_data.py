"""A copy of everything, to take away. Asked for, and downloaded, after a fresh second proof (mes.md §2.2 A15)."""

import contextlib
import re
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Stream

from carnet.access.api import Need, stepped_up
from carnet.design.door import Asked
from carnet.identity.api import SignedIn
from carnet.infra import clock
from carnet.infra.installation import current
from carnet.infra.web.audience import Audience, open_to
from carnet.interfaces.portal.page import done, show
from carnet.interfaces.portal.presenters.my_data import (
    ADDRESS,
    CopyFacts,
    present_childs_data,
    present_my_data,
)
from carnet.interfaces.portal.setting import language_for, language_of
from carnet.interfaces.portal.sources.copied_journal import copied_journal
from carnet.interfaces.portal.sources.own_space import own_space, space_of
from carnet.journeys.api import (
    ExportLine,
    StepUpNeeded,
    ask_export,
    exports_of,
    open_export,
    require_fresh,
    signed_in,
)
from carnet.kernel.errors import Conflict
from carnet.kernel.legal_day import legal_day

_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")
_PARTIAL, _NOT_THERE = 206, 416


@get(ADDRESS, **open_to(Audience.PERSON, Audience.DELEGATE))
async def my_data(request: Asked) -> Response[str]:
    """Show what a copy holds, and where those asked for stand; of a child's, those one asked for oneself."""
    who, at, days = signed_in(request), clock.now(), current().limits.export_days
    if who.session.acting is not None:
        async with own_space(who, need=Need.MANAGE_ACCESS, at=at) as w:
            lines = await exports_of(w, delegation=who.actor.delegation)
        page = present_childs_data(
            language=language_of(request),
            name=who.session.acting.name,
            copies=tuple(_facts(one, counted=True) for one in lines),
            days=days,
        )
        return await show(request, "my_data.html", page, current="home")
    async with own_space(who, need=Need.LIST, at=at) as w:
        lines = await exports_of(w)
    proved = stepped_up(who.actor, at=at)
    page = present_my_data(
        language=language_of(request),
        copies=tuple(_facts(one, counted=proved) for one in lines),
        days=days,
    )
    return await show(request, "my_data.html", page, current="settings")


@post(ADDRESS, status_code=303, **open_to(Audience.PERSON, Audience.DELEGATE))
async def ask(request: Asked) -> Redirect:
    """Ask for a copy; one at a time."""
    who = _proved(request)
    with contextlib.suppress(Conflict):
        await ask_export(
            actor=who.actor,
            space=space_of(who),
            account=who.session.account,
            language=language_of(request).code,
            at=clock.now(),
        )
    return done(ADDRESS, "copy-asked" if who.session.acting is None else "copy-asked-for-child")


@get(f"{ADDRESS}/{{export:uuid}}/copie.zip", **open_to(Audience.PERSON, Audience.DELEGATE))
async def take(request: Asked, export: FromPath[UUID]) -> Response[Any] | Stream:
    """Send the copy, from where an interrupted download stopped when the browser says so (RFC 9110 §14)."""
    who = _proved(request)
    blob = await open_export(
        actor=who.actor,
        space=space_of(who),
        export=export,
        languages=(language_for("fr"), language_for("en")),
        journal=copied_journal,
        at=clock.now(),
    )
    tag = f'"{export.hex}"'
    headers = {
        "Content-Disposition": f'attachment; filename="carnet-copie-{legal_day(clock.now())}.zip"',
        "Accept-Ranges": "bytes",
        "ETag": tag,
        "Cache-Control": "no-store",
    }
    asked = request.headers.get("range", "")
    if not asked or request.headers.get("if-range", tag) != tag or not _RANGE.fullmatch(asked):
        whole = headers | {"Content-Length": str(blob.size)}
        return Stream(blob.read_range(0, blob.size), media_type="application/zip", headers=whole)
    start, stop = wanted(asked, blob.size)
    if start >= stop:
        nothing = {"Content-Range": f"bytes */{blob.size}"}
        return Response("", status_code=_NOT_THERE, headers=nothing)
    part = {"Content-Length": str(stop - start), "Content-Range": f"bytes {start}-{stop - 1}/{blob.size}"}
    return Stream(
        blob.read_range(start, stop), media_type="application/zip", status_code=_PARTIAL, headers=headers | part
    )


def wanted(asked: str, size: int) -> tuple[int, int]:
    """Return [start, stop) of a `Range` of one part; an empty range when it is not in the file."""
    found = _RANGE.fullmatch(asked)
    first, last = found.groups() if found else ("", "")
    if not first:
        return (max(size - int(last), 0), size) if last else (size, size)
    return int(first), min(int(last) + 1, size) if last else size


def _proved(request: Asked) -> SignedIn:
    """Return who is here, their second proof still fresh; what they keep apart is in the copy too.

    In a child's space, where nobody has stepped up: whoever proved who they are within the last minutes.
    """
    who = signed_in(request)
    if who.session.acting is not None:
        require_fresh(who.session, back=ADDRESS)
    elif not stepped_up(who.actor, at=clock.now()):
        raise StepUpNeeded(back=ADDRESS)
    return who


def _facts(one: ExportLine, *, counted: bool) -> CopyFacts:
    return CopyFacts(
        id=one.export.hex,
        state=one.state,
        asked_at=one.asked_at,
        expires_at=one.expires_at,
        size=one.size if counted else None,
        done=one.done if counted else None,
        total=one.total if counted else None,
    )
