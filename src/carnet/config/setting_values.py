"""How the value of a setting is read: a typed value, or a ValueError whose words finish "NAME: …".

What settings say together is in `settings`; whether a server answers or a folder can be written is seen at the start.
"""

import re
from collections.abc import Callable
from pathlib import Path

LONGEST_TOKEN_MINUTES = 15
"""Reads through the gate do not ask the directory every time: whoever left it is out with their token."""
LAST_PORT = 65_535

_OID = re.compile(r"[0-2](\.(0|[1-9]\d*)){2,}")
_DATABASE = re.compile(r"postgres(ql)?://|\s*\w+\s*=")
_ADDRESS = re.compile(r"[^\s@<>,]+@[^\s@<>,]+")


def text(value: str) -> str:
    """Return it as it is."""
    return value


def optional(value: str) -> str | None:
    """Return it as it is; None when empty."""
    return value or None


def number(value: str) -> int:
    """Return a whole number, which may be negative."""
    try:
        return int(value)
    except ValueError:
        raise ValueError("must be a whole number") from None


def whole(value: str) -> int:
    """Return a whole number, zero or more."""
    if number(value) < 0:
        raise ValueError("must not be negative")
    return number(value)


def some(value: str) -> int:
    """Return a whole number, one or more."""
    if number(value) < 1:
        raise ValueError("must be at least 1")
    return number(value)


def token_minutes(value: str) -> int:
    """Return the life of a token."""
    if not 1 <= number(value) <= LONGEST_TOKEN_MINUTES:
        raise ValueError(f"must be from 1 to {LONGEST_TOKEN_MINUTES}")
    return number(value)


def port(value: str) -> int:
    """Return a port."""
    if not 1 <= number(value) <= LAST_PORT:
        raise ValueError(f"must be a port, 1 to {LAST_PORT}")
    return number(value)


def switch(value: str) -> bool:
    """Return yes or no."""
    if value.lower() not in {"1", "0", "true", "false", "yes", "no", "on", "off"}:
        raise ValueError("must be yes or no")
    return value.lower() in {"1", "true", "yes", "on"}


def one_of(*words: str) -> Callable[[str], str]:
    """Return what reads one of these words, in whatever case."""

    def read(value: str) -> str:
        if value.lower() not in words:
            raise ValueError(f"must be {', '.join(words[:-1])} or {words[-1]}")
        return value.lower()

    return read


def folder(value: str) -> Path:
    """Return a path, made absolute."""
    return Path(value).expanduser().resolve()


def optional_file(value: str) -> Path | None:
    """Return the path of a file that is there; None when empty."""
    if value and not folder(value).is_file():
        raise ValueError("there is no such file")
    return folder(value) if value else None


def words(value: str) -> frozenset[str]:
    """Return what commas separate."""
    return frozenset(ordered(value))


def ordered(value: str) -> tuple[str, ...]:
    """Return what commas separate, in this order."""
    found = tuple(word.strip() for word in value.split(",") if word.strip())
    if not found:
        raise ValueError("must list at least one value, separated by commas")
    return found


def oids(value: str) -> frozenset[str]:
    """Return object identifiers."""
    if any(_OID.fullmatch(one) is None for one in words(value)):
        raise ValueError("must be OIDs (digits and dots), separated by commas")
    return words(value)


def url(value: str) -> str:
    """Return a web address without a slash at its end."""
    if not value.startswith(("http://", "https://")):
        raise ValueError("must start with http:// or https://")
    return value.rstrip("/")


def optional_url(value: str) -> str | None:
    """Return a web address; None when empty."""
    return url(value) if value else None


def page(value: str) -> str:
    """Return the address of a page as it is written."""
    url(value)
    return value


def optional_database(value: str) -> str | None:
    """Return the address of a PostgreSQL (libpq §34.1.1); None when empty. The refusal never repeats it."""
    if value and _DATABASE.match(value) is None:
        raise ValueError("must be postgresql://… or `key=value` pairs")
    return value or None


def optional_count(value: str) -> str | None:
    """Return how many, as written; None when empty, for a default that depends on other settings."""
    if value:
        whole(value)
    return value or None


def address(value: str) -> str:
    """Return an e-mail address."""
    if _ADDRESS.fullmatch(value) is None:
        raise ValueError("must be an e-mail address")
    return value
