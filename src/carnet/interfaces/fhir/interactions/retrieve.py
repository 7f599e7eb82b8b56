"""ITI-68 Retrieve Document: the bytes of one document, whole or in part. IHE MHD 4.2 §2:3.68; FHIR R4 Binary.

The trace is on disk before the first byte leaves. Whatever the bytes are, a browser only ever saves them: they are
served as an attachment, unsniffed, in a sandbox. Ranges and validators: RFC 9110 §13, §14.
"""

import base64
import re
from collections.abc import AsyncIterator
from typing import Final

import msgspec
from litestar.types import ASGIApp

from carnet.formats.kinds import EXTENSIONS
from carnet.infra import clock
from carnet.interfaces.fhir import reply
from carnet.interfaces.fhir.errors import RangeNotSatisfiable
from carnet.interfaces.fhir.interaction import AnyRequest, Interaction, Site
from carnet.interfaces.fhir.interactions.read_document import address_of, is_known
from carnet.interfaces.fhir.negotiation import wants_fhir
from carnet.interfaces.fhir.outcome import FHIR_JSON
from carnet.interfaces.fhir.scopes import actor_with_scope
from carnet.journal.api import Act
from carnet.records.api import OpenedContent, open_metadata, read_content

_RANGE: Final = re.compile(r"bytes=(\d{0,15})-(\d{0,15})", re.ASCII)
_SAFE: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"sandbox; default-src 'none'; frame-ancestors 'none'"),
    (b"cache-control", b"no-store"),
    (b"vary", b"accept, authorization"),
)


Headers = tuple[tuple[bytes, bytes], ...]


async def answer(request: AnyRequest, _: Site) -> ASGIApp:
    """Return the bytes (200, 206), 304 when the client has them, or a Binary resource when FHIR JSON is asked for."""
    at = clock.now()
    actor = await actor_with_scope(request, resource="DocumentReference", letter="r", act=Act.READ_DOCUMENT, at=at)
    space, document = address_of(request)
    opened = await read_content(actor=actor, space=space, document=document, at=at)
    tag = b'"%s"' % open_metadata(opened.entry, keys=opened.keys).sha256.encode()
    if wants_fhir(request):
        return await _as_resource(request, opened, tag=tag)
    headers = (*_SAFE, (b"etag", tag), (b"accept-ranges", b"bytes"), _disposition(opened))
    if is_known(request, tag):
        return reply.nothing(304, headers=headers)
    return await _as_bytes(request, opened, tag=tag, headers=headers)


async def _as_bytes(request: AnyRequest, opened: OpenedContent, *, tag: bytes, headers: Headers) -> ASGIApp:
    size = opened.blob.size
    asked = _asked_range(request, size=size, tag=tag)
    start, stop = asked or (0, size)
    more: Headers = ((b"content-type", opened.entry.content_type.encode()),)
    if asked:
        more += ((b"content-range", f"bytes {start}-{stop - 1}/{size}".encode()),)
    return await _streamed(
        opened.chunks(start, stop),
        status=206 if asked else 200,
        headers=(*headers, *more),
        length=stop - start,
        head=request.method == "HEAD",
    )


async def _streamed(pieces: AsyncIterator[bytes], *, status: int, headers: Headers, head: bool, length: int) -> ASGIApp:
    """Answer only once the first piece is authenticated: damage found there is still an error, not a cut.

    What is whole in its first piece is sent at once, without a stream around it.
    """
    headers = (*headers, (b"content-length", b"%d" % length))
    if head:
        return reply.Reply(status=status, headers=headers, body=None)
    first = await anext(pieces, b"")
    if len(first) == length:
        await anext(pieces, b"")
        return reply.Reply(status=status, body=first, headers=headers, announced=True)
    return reply.Reply(status=status, body=first, headers=headers, rest=pieces)


def _asked_range(request: AnyRequest, *, size: int, tag: bytes) -> tuple[int, int] | None:
    """Return the one range asked for as [start, stop), None for the whole. Raises RangeNotSatisfiable.

    Several ranges, other units and an If-Range of another version get the whole, as RFC 9110 §14.2 allows.
    """
    header, condition = request.headers.get("range"), request.headers.get("if-range")
    match = _RANGE.fullmatch(header.replace(" ", "")) if header else None
    if match is None or (condition is not None and condition != tag.decode()):
        return None
    first, last = match.groups()
    if not first and not last:
        return None
    start = int(first) if first else max(size - int(last), 0)
    stop = min(int(last) + 1, size) if first and last else size
    if start >= size or (not first and int(last) == 0):
        raise RangeNotSatisfiable(size)
    return (start, stop) if start < stop else None


def _disposition(opened: OpenedContent) -> tuple[bytes, bytes]:
    """A neutral name: a title may be a health fact, and headers get logged."""
    suffix = EXTENSIONS.get(opened.entry.content_type, "bin")
    name = f"document-{opened.entry.document_id.hex[:8]}.{suffix}"
    return b"content-disposition", f'attachment; filename="{name}"'.encode()


async def _as_resource(request: AnyRequest, opened: OpenedContent, *, tag: bytes) -> ASGIApp:
    fhir_id = request.path_params["id"]
    begin = msgspec.json.encode(
        {
            "resourceType": "Binary",
            "id": fhir_id,
            "contentType": opened.entry.content_type,
            "securityContext": {"reference": f"DocumentReference/{fhir_id}"},
            "data": "",
        }
    )[:-2]
    length = len(begin) + (opened.blob.size + 2) // 3 * 4 + 2
    headers = (
        *_SAFE,
        (b"etag", b"W/" + tag),
        (b"content-type", FHIR_JSON.encode()),
    )
    pieces = _in_base64(begin, opened.chunks(0, opened.blob.size))
    return await _streamed(pieces, status=200, headers=headers, head=request.method == "HEAD", length=length)


async def _in_base64(begin: bytes, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Yield the resource in constant memory; the first piece holds content, so that it was authenticated."""
    pending = b""
    async for piece in pieces:
        whole = pending + piece
        cut = len(whole) - len(whole) % 3
        pending = whole[cut:]
        yield begin + base64.b64encode(whole[:cut])
        begin = b""
    yield begin + base64.b64encode(pending) + b'"}'


INTERACTION = Interaction(
    code="read",
    path="/Binary/{id:str}",
    methods=("GET", "HEAD"),
    answer=answer,
    resource="Binary",
    documentation="ITI-68: the document itself, with ranges and ETag; FHIR JSON when asked for.",
)
