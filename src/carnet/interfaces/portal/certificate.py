"""The certificate of an erasure, for whoever has its number: nobody signs in to a space that is gone."""

import asyncio
from typing import Any

from litestar import Response, get

from carnet.design.door import Asked
from carnet.infra import clock
from carnet.infra.web.audience import Audience, open_to
from carnet.interfaces.portal.certificate_pdf import certificate_pdf
from carnet.interfaces.portal.page import show
from carnet.interfaces.portal.presenters.certificate import ADDRESS, present_certificate
from carnet.interfaces.portal.setting import language_of, portal_of
from carnet.interfaces.portal.sources.certificate import certificate_proof
from carnet.journeys.api import IssuedCertificate, find_certificate
from carnet.kernel.errors import NotFound

_LONGEST = 40


@get(ADDRESS, **open_to(Audience.PUBLIC))
async def certificate(request: Asked) -> Response[Any]:
    """Ask for the number; say what the certificate says."""
    typed = _typed(request)
    found = await find_certificate(typed, at=clock.now()) if typed else None
    page = present_certificate(language=language_of(request), typed=typed, said=found.said if found else None)
    return await show(request, "certificate.html", page)


@get(f"{ADDRESS}/papier.pdf", **open_to(Audience.PUBLIC))
async def paper(request: Asked) -> Response[bytes]:
    """Send it on paper, signed."""
    found = await _found(request)
    address = f"{portal_of(request).web.base_url}{ADDRESS}"
    content = await asyncio.to_thread(
        certificate_pdf,
        said=found.said,
        note=found.note,
        issued_at=found.issued_at,
        address=address,
        language=language_of(request),
    )
    return _file(content, "application/pdf", "certificat-effacement.pdf")


@get(f"{ADDRESS}/preuve.json", **open_to(Audience.PUBLIC))
async def proof(request: Asked) -> Response[bytes]:
    """Send what proves that the public log holds it."""
    found = await _found(request)
    content = await certificate_proof(found.certificate_id, at=clock.now())
    return _file(content, "application/json", "certificat-effacement.json")


async def _found(request: Asked) -> IssuedCertificate:
    found = await find_certificate(_typed(request), at=clock.now())
    if found is None:
        raise NotFound
    return found


def _typed(request: Asked) -> str:
    return request.query_params.get("numero", "").strip()[:_LONGEST]


def _file(content: bytes, media_type: str, name: str) -> Response[bytes]:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, media_type=media_type, headers=headers)
