"""What every handler of this door needs from a request: who works, which patient is open, and a form that is ours."""

import re
from datetime import datetime
from typing import Any, Final

import msgspec
from litestar import Request

from carnet.identity.api import SignedIn
from carnet.infra import clock
from carnet.infra.installation import current
from carnet.interfaces.pro.handles import open_handle
from carnet.interfaces.pro.presenters.patient import Banner, present_banner
from carnet.interfaces.pro.setting import language_of, pro_of
from carnet.journeys.api import Patient, check_csrf, see_patient, signed_in
from carnet.kernel.actors import Actor
from carnet.kernel.ids import SpaceId
from carnet.spaces.api import is_minor

Asked = Request[Any, Any, Any]
_NUMBER: Final = re.compile(r"[0-9]{1,4}", re.ASCII)


class OpenFile(msgspec.Struct, frozen=True, kw_only=True):
    """A patient's file as this request finds it."""

    by: SignedIn
    patient: Patient
    handle: str
    at: datetime

    @property
    def actor(self) -> Actor:
        """The professional."""
        return self.by.actor

    @property
    def space(self) -> SpaceId:
        """The patient's space."""
        return self.patient.space

    @property
    def address(self) -> str:
        """Where this file is, in this session."""
        return f"/pro/patient/{self.handle}"

    @property
    def minor(self) -> bool:
        """Whether the patient may ask that their representatives be told nothing."""
        born = self.patient.person.traits.birth_date
        return is_minor(born, majority_age=current().limits.family.majority_age, at=self.at)


async def open_file(request: Asked, handle: str) -> OpenFile:
    """Return the patient an address names. Raises NotFound: another session's address, closed, blocked, all alike."""
    by, at = signed_in(request), clock.now()
    patient = await see_patient(actor=by.actor, space=open_handle(by.session, handle), at=at)
    return OpenFile(by=by, patient=patient, handle=handle, at=at)


def deposits_of(opened: OpenFile) -> str:
    """Return what the frame of a page about this file is told: nothing is deposited for the dead."""
    return "" if opened.patient.standing == "heirs" else "yes"


def banner_of(request: Asked, opened: OpenFile) -> Banner:
    """Return the banner of an open file."""
    return present_banner(language=language_of(request), patient=opened.patient, handle=opened.handle, at=opened.at)


async def our_form(request: Asked) -> Any:
    """Return the form of a POST. Raises Refused unless one of our pages sent it in this session."""
    form = await request.form()
    check_csrf(request, form, web=pro_of(request).web)
    return form


def page_of(request: Asked) -> int:
    """Return the page of a document that an address asks for, 1 when it does not say."""
    asked = request.query_params.get("page", "")
    return int(asked) if _NUMBER.fullmatch(asked) else 1


def field(form: Any, name: str, *, most: int = 500) -> str:
    """Return a text field, cut to `most` characters; empty when absent or a file."""
    value = form.get(name)
    return value[:most] if isinstance(value, str) else ""
