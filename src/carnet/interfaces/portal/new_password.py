"""Reading the form of a new login and password: every reason it cannot be, at once, and nothing kept."""

from uuid import UUID

from carnet.identity.api import (
    LOGIN_TAKEN,
    Channel,
    NewPassword,
    check_login,
    check_password,
    is_login_taken,
    read_destination,
)
from carnet.journeys.api import hashed_password
from carnet.kernel.errors import Invalid, Problem

_LONGEST = 200


async def read_new_password(form: dict[str, str], *, personal: tuple[str, ...], account: UUID | None) -> NewPassword:
    """Return what the form asks for. personal: what a password of this person may not hold. Raises Invalid."""
    problems: list[Problem] = []
    typed, sms = form.get("identifiant", "")[:_LONGEST].strip(), form.get("canal") == "sms"
    login = to = password = ""
    try:
        login = check_login(typed)
    except Invalid as refusal:
        problems += refusal.problems
    try:
        password = check_password(form.get("mot_de_passe", "")[:_LONGEST], personal=(*personal, typed))
    except Invalid as refusal:
        problems += refusal.problems
    try:
        to = read_destination(form.get("adresse", "")[:_LONGEST], sms=sms)
    except Invalid as refusal:
        problems += refusal.problems
    if not problems and await is_login_taken(login, account=account):
        problems.append(LOGIN_TAKEN)
    if problems:
        raise Invalid(*problems)
    hashed = await hashed_password(password, account=account)
    return NewPassword(login=login, hashed=hashed, channel=Channel.SMS if sms else Channel.EMAIL, to=to)
