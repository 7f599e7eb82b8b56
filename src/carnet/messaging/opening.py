"""The files beside a message as they will be kept: weighed, archives opened, clinical documents recognised."""

import asyncio
import hashlib
import re
from typing import Final

import msgspec

from carnet.formats import cda
from carnet.formats.kinds import MEDIA_TYPES, ContentKind, identify
from carnet.formats.mail import ReadMail
from carnet.formats.xdm import documents_in_archive, is_archive
from carnet.formats.xdm_metadata import SaidOfDocument
from carnet.infra.installation import MailLimits, current
from carnet.infra.scanning import scan
from carnet.kernel.errors import Invalid, Problem, TooLarge
from carnet.messaging.data import AttachmentKind, Description
from carnet.messaging.rules.judging import codes_of
from carnet.messaging.rules.letters import LONGEST_SUBJECT

TOO_MANY_FILES: Final = Problem("mail-files", "Trop de pièces jointes.", "Too many attachments.")
FILES_TOO_LARGE: Final = Problem("mail-files-size", "Pièces jointes trop lourdes.", "Attachments too large.")
KEPT_FROM_REPRESENTATIVES: Final = "INVISIBLE_REPRESENTANTS_LEGAUX"
# ## RFC 6838 §4.2: what is declared becomes a header again when the file is taken away ##
_MEDIA_TYPE: Final = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,126}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}", re.ASCII)


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """One file of a message as it will be kept. apart: it is not for those who represent the person."""

    description: Description
    content: bytes
    apart: bool = False


def opened_files(read: ReadMail, *, limits: MailLimits) -> tuple[Opened, ...]:
    """Return the files of a message; the documents of an IHE_XDM archive stand for the archive.

    Raises Invalid or TooLarge (too many, too heavy, an archive that is not honest). Blocks: call it from a thread.
    """
    opened: list[Opened] = []
    codes = codes_of(read.mss)
    told = codes[0] if len(codes) == 1 else ""
    for file in read.attachments:
        if is_archive(file.content):
            inside = documents_in_archive(file.content, name=file.name, most_bytes=limits.attachment_bytes)
            opened += [_opened(one.name, one.media_type, one.content, said=one.said, told=told) for one in inside]
        else:
            opened.append(_opened(file.name, file.media_type, file.content, told=told))
    if len(opened) > limits.attachments:
        raise TooLarge(TOO_MANY_FILES)
    if sum(len(one.content) for one in opened) > limits.attachment_bytes:
        raise TooLarge(FILES_TOO_LARGE)
    return tuple(opened)


async def checked_files(read: ReadMail) -> tuple[Opened, ...]:
    """Return the files of a message, archives opened, each seen by the scanner. Raises Invalid."""
    files = await asyncio.to_thread(opened_files, read, limits=current().limits.mail)
    for one in files:
        await scan(one.content, scanner=current().scanner)
    return files


def _opened(name: str, declared: str, content: bytes, *, said: SaidOfDocument | None = None, told: str = "") -> Opened:
    """Return one file. said: by its archive; told: the type in the message's head; a clinical document knows better."""
    kind = identify(content)
    sha256 = hashlib.sha256(content).hexdigest()
    media_type = MEDIA_TYPES.get(kind, declared if _MEDIA_TYPE.fullmatch(declared) else "application/octet-stream")
    apart = said is not None and KEPT_FROM_REPRESENTATIVES in said.confidentiality
    if kind is ContentKind.CDA:
        try:
            read = cda.read(content, sections=False)
        except Invalid:
            return Opened(
                description=Description(name=name, media_type=media_type, sha256=sha256), content=content, apart=apart
            )
        described = Description(
            name=name,
            media_type=media_type,
            kind=AttachmentKind.CLINICAL,
            sha256=sha256,
            unique_id=read.id.plain,
            type_code=read.code.code or "",
            title=(read.title or "")[:LONGEST_SUBJECT],
        )
        code = read.confidentiality.code if read.confidentiality else None
        return Opened(description=described, content=content, apart=apart or code == KEPT_FROM_REPRESENTATIVES)
    described = Description(
        name=name,
        media_type=media_type,
        sha256=sha256,
        unique_id=said.unique_id if said else "",
        type_code=(said.type_code if said else "") or told,
        title=(said.title if said else "")[:LONGEST_SUBJECT],
    )
    return Opened(description=described, content=content, apart=apart)
