"""The indicators in words, tables and charts: each week's life, documents by month against the targets, visits."""

import csv
from collections.abc import Iterable, Mapping
from datetime import date
from importlib.resources import files
from typing import Final

import msgspec

from carnet.design.language import Language, mark
from carnet.design.parts import Action, Cell, Fact, Option
from carnet.interfaces.pilotage.presenters.charts import Chart, Point, draw
from carnet.journeys.api import LIFE, Figure

SERIES: Final[dict[str, str]] = {
    "notified": mark("Personnes informées"),
    "opened": mark("Espaces ouverts"),
    "activated": mark("Espaces activés"),
    "opposed": mark("Oppositions"),
    "closed": mark("Espaces fermés"),
}
_TABLE: Final = files("carnet.interfaces.pilotage").joinpath("targets.csv")
TARGETS: Final = tuple(
    (row["year"], int(row["documents"])) for row in csv.DictReader(_TABLE.read_text("utf-8").splitlines())
)
"""National targets of documents a year, and the year each was set for: a table with its source beside each."""
MONTHS_A_YEAR: Final = 12
OTHERS: Final = "—"


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """A table: the twin of a chart, or a figure by itself."""

    caption: str
    headings: tuple[str, ...]
    lines: tuple[tuple[Cell, ...], ...]


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """One part of the page."""

    heading: str
    lead: str
    charts: tuple[Chart, ...]
    tables: tuple[Table, ...]
    facts: tuple[Fact, ...] = ()


class FiguresPage(msgspec.Struct, frozen=True, kw_only=True):
    """What `figures.html` shows. places, months: départements, and months of documents, to choose from."""

    fictitious: bool
    places: tuple[Option, ...]
    months: tuple[Option, ...]
    sections: tuple[Section, ...]
    export: Action


def present_figures(
    *, language: Language, figures: tuple[Figure, ...], place: str = "", month: str = "", fictitious: bool = False
) -> FiguresPage:
    """Return the page. place: a département, the whole country for "" or an unknown one.

    month: of the documents by type and software ("2026-10"), the last one for "" or an unknown one.
    """
    _ = language.gettext
    known = sorted({one.row for one in figures if one.series in LIFE and one.row})
    place = place if place in known else ""
    documents = [one for one in figures if one.series == "documents"]
    months = sorted({one.period for one in documents}, reverse=True)
    chosen = next((one for one in months if f"{one:%Y-%m}" == month), months[0] if months else None)
    return FiguresPage(
        fictitious=fictitious,
        places=(
            Option("", _("Toute la France"), not place),
            *(Option(one, _place(one, language), one == place) for one in known),
        ),
        months=tuple(Option(f"{one:%Y-%m}", language.month(one), one == chosen) for one in months),
        sections=(
            _life(figures, place, language),
            _documents(documents, chosen, language),
            _visits(figures, language),
        ),
        export=Action(_("Télécharger en CSV"), "/pilotage/indicateurs.csv", "download", "secondary"),
    )


def _place(key: str, language: Language) -> str:
    return language.gettext("Département inconnu") if key == OTHERS else key


def _life(figures: Iterable[Figure], place: str, language: Language) -> Section:
    _ = language.gettext
    found = {(one.series, one.period): one.value for one in figures if one.series in LIFE and one.row == place}
    weeks = sorted({period for _, period in found})
    charts = tuple(
        _chart(
            series,
            _(SERIES[series]),
            {week: found.get((series, week), 0) for week in weeks},
            {week: _week(week, language) for week in weeks},
            language,
        )
        for series in LIFE
    )
    lines = tuple(
        (Cell(_week(week, language)), *(Cell(_number(found.get((one, week), 0), language)) for one in LIFE))
        for week in reversed(weeks)
    )
    heads = (_("Semaine du"), *(_(SERIES[one]) for one in LIFE))
    return Section(
        heading=_("La vie des espaces, semaine par semaine"),
        lead=_("Comptés une fois la semaine finie."),
        charts=charts if weeks else (),
        tables=(Table(caption=_("Par semaine"), headings=heads, lines=lines),) if weeks else (),
    )


def _documents(figures: list[Figure], chosen: date | None, language: Language) -> Section:
    _ = language.gettext
    totals = {one.period: one.value for one in figures if not one.row and not one.column}
    months = sorted(totals)
    year = sum(totals[one] or 0 for one in months[-MONTHS_A_YEAR:])
    wanted = _("Cible %(year)s : %(target)s par an")
    goals = {target: wanted % {"year": name, "target": language.number(target)} for name, target in TARGETS}
    facts = tuple(
        Fact(
            goal,
            _("%(percent)s %% sur les %(months)s derniers mois")
            % {"percent": language.number(round(100 * year / target)), "months": min(len(months), MONTHS_A_YEAR)},
        )
        for target, goal in goals.items()
    )
    chart = _chart(
        "documents",
        _("Documents reçus par mois"),
        totals,
        {one: language.month(one) for one in months},
        language,
        targets=tuple((target // MONTHS_A_YEAR, goal) for target, goal in goals.items()),
    )
    goals_said = _(" et ").join(language.number(target) for target in goals)
    drawn = _("Traits : les cibles nationales, %(targets)s documents par an, ramenées au mois")
    drawn %= {"targets": goals_said}
    tables = [
        Table(
            caption=_("Documents par mois"),
            headings=(_("Mois"), _("Documents")),
            lines=tuple((Cell(language.month(one)), Cell(_number(totals[one], language))) for one in reversed(months)),
        )
    ]
    if chosen is not None:
        month = {(one.row, one.column): one.value for one in figures if one.period == chosen}
        said = {"month": language.month(chosen)}
        by_type = {row: value for (row, column), value in month.items() if row and not column}
        by_software = {column: value for (row, column), value in month.items() if column and not row}
        tables.append(_ranked(_("Par type de document, %(month)s") % said, _("Type (LOINC)"), by_type, language))
        tables.append(_ranked(_("Par logiciel, %(month)s") % said, _("Logiciel"), by_software, language))
    return Section(
        heading=_("Documents"),
        lead=_("Ce qui est arrivé dans les espaces, par type et par logiciel d'envoi."),
        charts=(msgspec.structs.replace(chart, target_label=drawn),) if months else (),
        tables=tuple(tables) if months else (),
        facts=facts if months else (),
    )


def _visits(figures: Iterable[Figure], language: Language) -> Section:
    _ = language.gettext
    found = {(one.series, one.period): one.value for one in figures if one.series in {"spaces", "came", "came-back"}}
    months = sorted({period for _, period in found})
    lines = []
    coming: dict[date, int | None] = {}
    returning: dict[date, int | None] = {}
    for month in reversed(months):
        spaces, came, back = (found.get((one, month)) for one in ("spaces", "came", "came-back"))
        coming[month], returning[month] = _percent(came, spaces), _percent(back, came)
        cells = (_number(spaces, language), _rate(coming[month]), _rate(returning[month]))
        lines.append(tuple(map(Cell, (language.month(month), *cells))))
    heads = (_("Mois"), _("Espaces ouverts en fin de mois"), _("Taux de connexion"), _("Taux de retour"))
    return Section(
        heading=_("Connexions"),
        lead=_(
            "Connexion : part des espaces dont le titulaire est venu. Retour : parmi eux, venus au moins deux jours."
        ),
        charts=(
            _rates("came", _("Taux de connexion par mois"), coming, language),
            _rates("came-back", _("Taux de retour par mois"), returning, language),
        )
        if months
        else (),
        tables=(Table(caption=_("Connexions par mois"), headings=heads, lines=tuple(lines)),) if months else (),
    )


def _chart(
    key: str,
    title: str,
    numbers: Mapping[date, int | None],
    labels: Mapping[date, str],
    language: Language,
    *,
    targets: tuple[tuple[int, str], ...] = (),
) -> Chart:
    _ = language.gettext
    points = tuple(Point(labels[one], value) for one, value in sorted(numbers.items()))
    shown = [point for point in points if point.value is not None]
    most = max(shown, key=lambda point: point.value or 0, default=None)
    total = sum(point.value or 0 for point in shown)
    words = _("%(total)s au total. Au plus haut : %(most)s (%(when)s). Le tableau donne chaque nombre.") % {
        "total": language.number(total),
        "most": language.number(most.value or 0) if most else "0",
        "when": most.label if most else "—",
    }
    highest = language.number(most.value or 0) if most else "0"
    return draw(key=key, title=title, summary=words, points=points, highest=highest, targets=targets)


def _rates(key: str, title: str, rates: Mapping[date, int | None], language: Language) -> Chart:
    """Return the chart of rates in percent; a month without one has a mark and no bar."""
    known = {month: rate for month, rate in rates.items() if rate is not None}
    best = max(known, key=lambda month: (known[month], month), default=None)
    words = language.gettext("Au plus haut : %(most)s (%(when)s). Le tableau donne chaque nombre.") % {
        "most": _rate(known.get(best) if best else None),
        "when": language.month(best) if best else "—",
    }
    points = tuple(Point(language.month(month), rate) for month, rate in sorted(rates.items()))
    return draw(key=key, title=title, summary=words, points=points, highest=_rate(known[best] if best else None))


def _ranked(caption: str, head: str, numbers: Mapping[str, int | None], language: Language) -> Table:
    _ = language.gettext
    ranked = sorted(numbers.items(), key=lambda one: (-(one[1] or 0), one[0]))
    names = {OTHERS: _("Ajoutés par les personnes")}
    lines = tuple((Cell(names.get(key, key)), Cell(_number(value, language))) for key, value in ranked)
    return Table(caption=caption, headings=(head, _("Documents")), lines=lines)


def _number(value: int | None, language: Language) -> str:
    return language.gettext("secret") if value is None else language.number(value)


def _percent(part: int | None, whole: int | None) -> int | None:
    return None if not whole or part is None else round(100 * part / whole)


def _rate(percent: int | None) -> str:
    return "—" if percent is None else f"{percent}\xa0%"


def _week(day: date, language: Language) -> str:
    return language.short_date(day)
