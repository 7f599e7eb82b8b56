"""Histories as they are written in `histories/*.toml`: what happened, in days before the population's last day.

One file is one story; the persons it happens to are named in the seed. A document's `parts` are its sections: the key
is the title (or, in structured kinds, the short name of a section of `cda.models`); a text is a paragraph (a blank
line starts another, `! ` makes one strong), a list of texts a bullet list, a list of lists a table. Texts may say
`{name}`, `{given}`, `{age}` (that day), `{e}` (ending of a participle) and `{on[40]}` (the day, forty days ago).
"""

from functools import cache
from pathlib import Path

import msgspec

from carnet.sandbox.documents.data import Confidentiality

FOLDER = Path(__file__).with_name("histories")
Part = str | list[str | list[str]]


class ToldVaccine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An injection: a name of `vaccines`, its rank (0: booster), the lot."""

    name: str
    rank: int
    lot: str


class Told(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One document of a story.

    kind: a kind of Draft, or `prescription`. days: how long ago. nights: spent in hospital before. any_day: happens at
    week-ends too. values: results by the names of `analyses`. corrects: the `id` of the document this one replaces.
    author, prescriber: logins; `gp` is the person's regular doctor.
    """

    days: int
    kind: str
    type: str = ""
    title: str = ""
    author: str = ""
    prescriber: str = ""
    id: str = ""
    corrects: str = ""
    hour: int = 9
    nights: int = 0
    any_day: bool = False
    act: str = ""
    parts: dict[str, Part] = {}
    values: dict[str, float | str] = {}
    comment: str = ""
    medicines: list[tuple[str, str]] = []
    note: str = ""
    vaccines: list[ToldVaccine] = []
    thigh: bool = False
    confidentiality: list[Confidentiality] = []


class Story(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A whole file. about: one line for whoever reads the file."""

    about: str
    document: list[Told]


@cache
def story(name: str) -> Story:
    """The story of that name. FileNotFoundError when nobody wrote it, msgspec.ValidationError when it is malformed."""
    return msgspec.toml.decode((FOLDER / f"{name}.toml").read_bytes(), type=Story)
