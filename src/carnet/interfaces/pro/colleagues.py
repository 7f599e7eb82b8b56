"""What other professionals wrote about patients: read here for thirty days, and put into the record by an act alone.

Nothing of it is in a patient's space before, and who that patient is to Carnet is not looked for until the deposit.
"""

from typing import Any, Final
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from carnet.design.language import PARIS
from carnet.design.parts import Form
from carnet.design.shell import FieldError
from carnet.identity.api import IdentityTraits
from carnet.infra import clock, randomness
from carnet.infra.web.audience import Audience, open_to
from carnet.interfaces.pro.asking import Asked, field, our_form
from carnet.interfaces.pro.content import as_file
from carnet.interfaces.pro.deposit import Sent, declared_of, sent_of
from carnet.interfaces.pro.deposit_unopened import IDENTITY, traits_of
from carnet.interfaces.pro.failing import trouble
from carnet.interfaces.pro.page import done, show
from carnet.interfaces.pro.presenters.colleagues import (
    ADDRESS,
    LONGEST_WORDS,
    present_found,
    present_keeping,
    present_letter,
    present_letters,
)
from carnet.interfaces.pro.presenters.deposit import identity_errors_of, identity_missing
from carnet.interfaces.pro.setting import language_of, pro_of
from carnet.journal.api import Act
from carnet.journeys.api import deposit_from_colleague, signed_in
from carnet.kernel.errors import Invalid, NotFound
from carnet.messaging.api import (
    AttachmentKind,
    BudgetSpent,
    ColleagueLetter,
    Opened,
    answer_colleague,
    came_to,
    colleague_file,
    colleague_letter,
    colleague_letters,
    read_mark,
    search_colleague_letters,
)
from carnet.records.api import DeclaredDocument, journalled_input, read_request_id

PAGE_SIZE: Final = 50
MOST_TEXT: Final = 50_000
"""More than a message may have: too long is said, not cut."""
_INVALID: Final = 422
_TOO_MANY: Final = 429


@get(ADDRESS, **open_to(Audience.PROFESSIONAL))
async def letters(request: Asked) -> Response[str]:
    """List what came to this professional's own mailboxes, latest first; or what a search finds there."""
    asked, language = request.query_params, language_of(request)
    here: dict[str, Any] = {"actor": signed_in(request).actor, "at": clock.now()}
    if words := " ".join(asked.get("q", "")[:LONGEST_WORDS].split()):
        page = present_found(language=language, found=await search_colleague_letters(**here, words=words), words=words)
    else:
        after = read_mark(asked.get("suite", ""))
        found = await colleague_letters(**here, after=after, count=PAGE_SIZE)
        page = present_letters(language=language, found=found, first=after is None)
    return show(request, "colleagues.html", page, current="mail")


@get(f"{ADDRESS}/{{mail:uuid}}", **open_to(Audience.PROFESSIONAL))
async def letter(request: Asked, mail: FromPath[UUID]) -> Response[str]:
    """Show one message with its files."""
    return await _letter(request, await colleague_letter(actor=signed_in(request).actor, mail=mail, at=clock.now()))


@post(f"{ADDRESS}/{{mail:uuid}}/repondre", status_code=303, **open_to(Audience.PROFESSIONAL))
async def answer(request: Asked, mail: FromPath[UUID]) -> Response[Any]:
    """Answer its author from the mailbox it came to; what is wrong is traced as when software writes."""
    form, actor, at = await our_form(request), signed_in(request).actor, clock.now()
    found = await colleague_letter(actor=actor, mail=mail, at=at)
    text = field(form, "texte", most=MOST_TEXT).replace("\r\n", "\n")
    sent_as = read_request_id(field(form, "depot"))
    try:
        async with journalled_input(actor=actor, act=Act.RECEIVE_MESSAGE, at=at):
            await answer_colleague(actor=actor, letter=found, text=text, request_id=sent_as, at=at)
    except (Invalid, BudgetSpent) as refused:
        code = language_of(request).code
        errors = tuple(FieldError("texte", one.text(code)) for one in refused.problems)
        return await _letter(request, found, form=Form({"texte": text}, errors))
    return done(f"{ADDRESS}/{mail}", "answered")


@get(f"{ADDRESS}/{{mail:uuid}}/fichiers/{{number:int}}", **open_to(Audience.PROFESSIONAL))
async def file(request: Asked, mail: FromPath[UUID], number: FromPath[int]) -> Response[bytes]:
    """Give the bytes of one file."""
    _, found = await _found(request, mail, number)
    described = found.description
    title = described.title or described.name.rpartition(".")[0] or described.name
    return Response(found.content, media_type=described.media_type, headers=as_file(title, described.media_type))


@get(f"{ADDRESS}/{{mail:uuid}}/deposer/{{number:int}}", **open_to(Audience.PROFESSIONAL))
async def ask_to_keep(request: Asked, mail: FromPath[UUID], number: FromPath[int]) -> Response[str]:
    """Ask what a deposit wants to know of one file, or of the words (0)."""
    found, opened = await _found(request, mail, number)
    return _form(request, found, number, opened)


@post(f"{ADDRESS}/{{mail:uuid}}/deposer/{{number:int}}", status_code=200, **open_to(Audience.PROFESSIONAL))
async def keep(request: Asked, mail: FromPath[UUID], number: FromPath[int]) -> Response[Any]:
    """Deposit it for the patient it is about; answer once it is durable."""
    form, by, at = await our_form(request), signed_in(request), clock.now()
    failures = pro_of(request).failures
    if wait := failures.wait(by.actor.identifier, at=at):
        return trouble(request, _TOO_MANY, wait=int(wait.total_seconds()) + 1)
    found, opened = await _found(request, mail, number)
    sent = await sent_of(form)
    typed = {name: field(form, name, most=100).strip() for name in IDENTITY if name != "ins"}
    sent, language = Sent(opened.content, sent.values | typed), language_of(request)
    declared, errors = declared_of(sent, language)
    missing = () if opened.description.kind is AttachmentKind.CLINICAL else identity_missing(typed, language)
    if errors := (*missing, *errors):
        return _form(request, found, number, opened, sent.values, errors)
    try:
        added = await _deposit(request, found, number, opened, declared, traits_of(sent))
    except (Invalid, NotFound) as refused:
        failures.failed(by.actor.identifier, at=at)
        problems = identity_errors_of(refused.problems, language)
        return _form(request, found, number, opened, sent.values, problems)
    return done(f"{ADDRESS}/{mail}", "deposited-mail" if added else "unchanged")


async def _letter(request: Asked, found: ColleagueLetter, *, form: Form | None = None) -> Response[str]:
    page = present_letter(
        language=language_of(request),
        found=found,
        mailbox=await came_to(actor=signed_in(request).actor, mail=found.mail, at=clock.now()),
        request_id=randomness.uuid4().hex,
        form=form or Form(),
    )
    here, status = f"{ADDRESS}/{found.mail}", _INVALID if form else 200
    return show(request, "colleague.html", page, current="mail", status=status, path=here)


async def _deposit(
    request: Asked,
    found: ColleagueLetter,
    number: int,
    opened: Opened,
    declared: DeclaredDocument,
    typed: IdentityTraits,
) -> bool:
    """Return whether it was added now."""
    added = await deposit_from_colleague(
        actor=signed_in(request).actor,
        letter=found,
        number=number,
        file=opened,
        declared=declared,
        traits=None if opened.description.kind is AttachmentKind.CLINICAL else typed,
        at=clock.now(),
    )
    return added.stored.created


async def _found(request: Asked, mail: UUID, number: int) -> tuple[ColleagueLetter, Opened]:
    actor, at = signed_in(request).actor, clock.now()
    found = await colleague_letter(actor=actor, mail=mail, at=at)
    return found, await colleague_file(actor=actor, letter=found, number=number, at=at)


def _form(
    request: Asked,
    found: ColleagueLetter,
    number: int,
    opened: Opened,
    values: dict[str, str] | None = None,
    errors: tuple[FieldError, ...] = (),
) -> Response[str]:
    page = present_keeping(
        language=language_of(request),
        found=found,
        number=number,
        file=opened.description,
        day=found.at.astimezone(PARIS).date(),
        values=values,
        errors=errors,
    )
    return show(request, "colleague_deposit.html", page, current="mail", status=_INVALID if errors else 200)


ROUTES: Final = (letters, letter, answer, file, ask_to_keep, keep)
