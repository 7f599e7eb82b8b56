"""From stories to drafts: dates become days, logins become people, last known values are printed beside new ones."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

from carnet.sandbox.documents import vaccines as products
from carnet.sandbox.documents.analyses import analysis
from carnet.sandbox.documents.building import MODELS, type_label
from carnet.sandbox.documents.cda.models import free, section
from carnet.sandbox.documents.content import (
    Block,
    Bullets,
    Chapter,
    Grid,
    Paragraph,
    Result,
    Section,
    VaccineGiven,
)
from carnet.sandbox.documents.data import Draft, Kind
from carnet.sandbox.documents.story import Part, Told, story
from carnet.sandbox.population.data import Person, Population, Professional

PARIS = ZoneInfo("Europe/Paris")
_MONTHS = ("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
           "décembre")  # fmt: skip
_FRIDAY = 4
_TYPES = {
    "biology": "11502-2",
    "imaging": "18748-4",
    "discharge": "11490-0",
    "vaccination": "87273-9",
    "summary": "SYNTH",
    "prescription": "57833-6",
}
_TITLES = {
    "vaccination": "Note de vaccination",
    "summary": "Volet de synthèse médicale",
    "prescription": "Ordonnance",
    "discharge": "Lettre de liaison à la sortie",
}
_AUTHORS = {"biology": "eprouvette", "imaging": "lanterne"}
_BY_SECTION_NAME = frozenset({"imaging", "discharge", "summary"})
_MEDICINES = ("Médicament", "Posologie et durée")


def tell(population: Population, person: Person) -> Iterator[Draft]:
    """Every draft of one person, story after story."""
    for name in person.stories:
        teller = _Teller(population, person, name)
        yield from (teller.draft(told) for told in story(name).document)


class _Days:
    """`{on[40]}` in a text."""

    def __init__(self, teller: "_Teller") -> None:
        self._teller = teller

    def __getitem__(self, days_ago: int) -> str:
        when = self._teller.at(days_ago, 9, any_day=False)
        return f"{'1er' if when.day == 1 else when.day} {_MONTHS[when.month - 1]} {when.year}"


class _Teller:
    """Tells one story of one person; remembers documents by their `id` and the laboratory's last values."""

    def __init__(self, population: Population, person: Person, name: str) -> None:
        self.population = population
        self.person = person
        self.name = name
        self._count = 0
        self._known: dict[str, float | str] = {}
        self._named: dict[str, Draft] = {}

    def at(self, days_ago: int, hour: int, *, any_day: bool) -> datetime:
        """That day and hour in France, moved back to Friday from a week-end."""
        day = self.population.today - timedelta(days=days_ago)
        if not any_day and day.weekday() > _FRIDAY:
            day -= timedelta(days=day.weekday() - _FRIDAY)
        return datetime.combine(day, time(hour, 30), tzinfo=PARIS)

    def draft(self, told: Told) -> Draft:
        """One document."""
        self._count += 1
        author = self._professional(told.author or _AUTHORS.get(told.kind, "gp"))
        begun = self.at(told.days + told.nights, 14 if told.nights else told.hour, any_day=told.any_day)
        done = self.at(told.days, 11 if told.nights else told.hour + 1, any_day=told.any_day or told.nights > 0)
        type_code = told.type or _TYPES[told.kind]
        corrected = self._named.get(told.corrects)
        made = Draft(
            key=f"{self.person.login}/{self.name}/{self._count:02d}",
            kind=cast("Kind", told.kind if told.kind in MODELS else "pdf"),
            type_code=type_code,
            title=self._say(told.title or _TITLES.get(told.kind) or type_label(type_code), done),
            person=self.person,
            author=author,
            organisation=self.population.workplace(author),
            date=done,
            period=(begun, done),
            sections=self._sections(told, done),
            chapters=self._chapters(told, corrected),
            vaccines=_given(told, done),
            act=told.act,
            prescriber=self._prescriber(told),
            doctor=None if author.login == self.person.gp else self._professional("gp"),
            confidentiality=tuple(told.confidentiality),
            **_lineage(corrected),
        )
        if told.id:
            self._named[told.id] = made
        return made

    def _professional(self, login: str) -> Professional:
        return self.population.professional(self.person.gp if login == "gp" else login)

    def _prescriber(self, told: Told) -> Professional | None:
        if told.kind not in _AUTHORS:
            return None
        return self._professional(told.prescriber or "gp")

    def _say(self, text: str, when: datetime) -> str:
        return text.format(
            name=self.person.display,
            given=self.person.used_given or self.person.given_names[0],
            age=self.person.age(when.date()),
            e="e" if self.person.sex == "F" else "",
            on=_Days(self),
        )

    def _sections(self, told: Told, when: datetime) -> tuple[Section, ...]:
        made = []
        for title, part in told.parts.items():
            blocks = self._blocks(part, when)
            made.append(section(title, *blocks) if told.kind in _BY_SECTION_NAME else free(title, *blocks))
        if told.medicines:
            made.insert(0, free("Prescription", Grid(_MEDICINES, tuple(told.medicines))))
        if told.note:
            made.append(free("", Paragraph(self._say(told.note, when))))
        return tuple(made)

    def _blocks(self, part: Part, when: datetime) -> list[Block]:
        if isinstance(part, str):
            texts = [self._say(text.strip(), when) for text in part.split("\n\n")]
            return [Paragraph(text.removeprefix("! "), strong=text.startswith("! ")) for text in texts]
        if part and isinstance(part[0], str):
            return [Bullets(tuple(self._say(cast("str", text), when) for text in part))]
        rows = [tuple(self._say(text, when) for text in cast("list[str]", row)) for row in part]
        return [Grid(rows[0], tuple(rows[1:]))]

    def _chapters(self, told: Told, corrected: Draft | None) -> tuple[Chapter, ...]:
        before: dict[str, Any] = {name: self._known.get(name) for name in told.values}
        if corrected is not None:
            before = dict.fromkeys(told.values) | _printed_before(corrected, told)
        chapters: dict[tuple[str, str], list[Result]] = {}
        for name, value in told.values.items():
            chapter, analyte = analysis(name, self.person.sex)
            chapters.setdefault(chapter, []).append(Result(analyte=analyte, value=value, before=before[name]))
        self._known |= told.values
        last = next(reversed(chapters), None)
        return tuple(
            Chapter(code=key[0], title=key[1], results=tuple(found), comment=told.comment if key == last else "")
            for key, found in chapters.items()
        )


def _printed_before(corrected: Draft, told: Told) -> dict[str, Any]:
    known = {result.analyte.loinc: result.before for chapter in corrected.chapters for result in chapter.results}
    return {name: known.get(analysis(name, corrected.person.sex)[1].loinc) for name in told.values}


def _lineage(corrected: Draft | None) -> dict[str, Any]:
    if corrected is None:
        return {}
    family = corrected.family or corrected.key
    return {"version": corrected.version + 1, "family": family, "replaces": corrected.key}


def _given(told: Told, when: datetime) -> tuple[VaccineGiven, ...]:
    site = {"site": products.THIGH} if told.thigh else {}
    return tuple(
        VaccineGiven(
            product=getattr(products, one.name),
            day=when.date(),
            lot=one.lot,
            rank=one.rank or 1,
            booster=one.rank == 0,
            **site,
        )
        for one in told.vaccines
    )
