"""Reads the small packaged tables beside the matrix, once per process: topics to keep apart, who acts in emergencies.

Which type of document tells of which topic is a choice of ours (`source` L), wide on purpose: a prescription may tell
of contraception, so it is kept apart with it. What no type can tell, the person marks by hand. Who may break the glass
is not settled by the texts beyond "health professional" (mes.md §6, point 7): the table is data to be replaced.
"""

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

import msgspec

from carnet.access.data import Mode


@cache
def safeguard_topics() -> Mapping[str, frozenset[str]]:
    """Return the typeCodes each topic covers, topics in the order of the file."""
    found: dict[str, set[str]] = {}
    for row in _rows("safeguard_topics.csv"):
        found.setdefault(row["topic"], set()).add(row["type_code"])
    return MappingProxyType({topic: frozenset(codes) for topic, codes in found.items()})


@cache
def sensitive_types() -> frozenset[str]:
    """Return every typeCode any topic covers."""
    return frozenset().union(*safeguard_topics().values())


@cache
def topics_json() -> str:
    """Return the same as the JSON object the SQL takes."""
    return msgspec.json.encode({topic: sorted(codes) for topic, codes in safeguard_topics().items()}).decode()


@cache
def emergency_professions(mode: Mode) -> frozenset[str]:
    """Return the professions (JDV_J65) that may open a space in that mode."""
    return frozenset(row["profession_code"] for row in _rows("emergency_professions.csv") if row["mode"] == mode)


def guarded_types(topics: tuple[str, ...]) -> frozenset[str]:
    """Return every typeCode the topics cover; a topic no longer in the table covers nothing."""
    known = safeguard_topics()
    return frozenset(code for topic in topics for code in known.get(topic, ()))


def _rows(name: str) -> list[dict[str, str]]:
    text = files("carnet.access").joinpath("data", name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
