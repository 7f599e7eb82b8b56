"""Addresses of the trust space, read strictly: one mailbox, no comment, no quoting, no route.

A person's address is their INS matricule (15 characters) at the domain of the house (mes.md M1); the seventh
is A or B for who was born in Corsica.
"""

import re
from typing import Final

from carnet.messaging.data import Address

LONGEST: Final = 254
_ADDRESS: Final = re.compile(
    r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?P<domain>[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+)"
)
_MATRICULE: Final = re.compile(r"[0-9]{6}[0-9ab][0-9]{8}")


def read_address(text: str, *, name: str = "") -> Address | None:
    """Return the mailbox `text` is, in lower case; None when it is not exactly one."""
    plain = text.strip().lower()
    if len(plain) > LONGEST or _ADDRESS.fullmatch(plain) is None:
        return None
    return Address(plain, name)


def matricule_of(address: str, *, domain: str) -> str | None:
    """Return the INS matricule a person's address names (15 characters, upper case), None for any other address."""
    local, at, host = address.strip().lower().rpartition("@")
    if not at or host != domain.lower() or _MATRICULE.fullmatch(local) is None:
        return None
    return local.upper()


def matricule_named(said: str) -> str | None:
    """Return the matricule `X-MSS-INS` names (15 characters, blanks between them allowed); None for anything else.

    The header says `O` or `N` in mail to persons, whose address is their number.
    """
    plain = "".join(said.split()).lower()
    return plain.upper() if _MATRICULE.fullmatch(plain) else None


def patient_address(matricule: str, *, domain: str) -> str:
    """Return the address of whoever has this matricule."""
    return f"{matricule.lower()}@{domain}"
