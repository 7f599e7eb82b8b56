"""FHIR queries drawn from a small grammar: any parameter, any modifier, any prefix, together, by GET and by POST.

`CARNET_TWO_WORLDS_QUERIES` says how many are drawn in a run; the same number draws the same queries.
"""

import os
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from carnet.interfaces.fhir.search.parameters import DOCUMENTS, LISTS
from carnet.kernel.ids import routable
from factories.visit import Ask

QUERIES = int(os.environ.get("CARNET_TWO_WORLDS_QUERIES", "300"))
MODIFIERS = ("", "", "", ":not", ":missing", ":exact", ":contains", ":in", ":below", ":identifier")
PREFIXES = ("", "ge", "gt", "le", "lt", "eq", "ne", "sa", "eb", "ap")
DAYS = ("2026", "2026-11", "2026-11-21", "2026-11-21T10:02:00Z", "2026-11-21T10:03:00+00:00")
WORDS = (
    "current",
    "superseded",
    "entered-in-error",
    "N",
    "R",
    "V",
    "10",
    "18748-4",
    "83901-9",
    "submissionset",
    "x",
    "",
)
CHAINS = (
    "subject.identifier",
    "related.identifier",
    "author.name",
    "_has:List:item:identifier",
    "_has:DocumentReference:relatesto:_id",
    "encounter",
    "patient:Patient.identifier",
)
RESULTS = (
    "_count=0",
    "_count=1",
    "_count=2",
    "_count=1000",
    "_sort=date",
    "_sort=-date",
    "_sort=-creation",
    "_sort=_lastUpdated",
    "_summary=count",
    "_summary=true",
    "_total=accurate",
    "_total=estimate",
    "_elements=id,status",
    "_include=DocumentReference:relatesto",
    "_include:iterate=*",
    "_revinclude=List:item",
    "_contained=both",
    "_format=json",
    "_pretty=true",
    "_offset=1",
)
HEADERS = ((), (), (("prefer", "handling=strict"),), (("prefer", "handling=lenient"),), (("if-none-match", "*"),))


def drawn_queries(cast, known, *, number: int = QUERIES) -> tuple[Ask, ...]:
    """Draw `number` distinct queries about the person of the cast."""
    drawn: dict[str, Ask] = {}
    if number:
        quiet = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
        drawing = settings(
            max_examples=number,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=quiet,
        )

        @drawing
        @given(_queries(cast, known))
        def keep(ask: Ask) -> None:
            drawn.setdefault(ask.key, ask)

        keep()
    return tuple(drawn.values())


def _queries(cast: Any, known: Any) -> st.SearchStrategy[Ask]:
    space = cast.person.space
    ids = [routable(space, one.document) for one in known.hidden] + [routable(space, one) for one in cast.visible]
    unique = [f"urn:ietf:rfc:3986%7C{one.unique_id}" for one in known.hidden]
    patient = f"patient.identifier=urn:oid:{cast.person.ins.oid}%7C{cast.person.ins.matricule}"
    values = st.sampled_from((*WORDS, *ids, *unique, f"Patient/{space.hex}", cast.software.organisation, "Mar"))
    dates = st.builds(str.__add__, st.sampled_from(PREFIXES), st.sampled_from(DAYS))

    @st.composite
    def query(draw: st.DrawFn) -> Ask:
        kind, table = draw(st.sampled_from((("DocumentReference", DOCUMENTS), ("List", LISTS))))
        names = [one.name for one in table if not one.name.startswith("patient")]
        parts = [patient] if draw(st.integers(0, 9)) else []
        for _ in range(draw(st.integers(0, 3))):
            name = draw(st.sampled_from((*names, *names, *CHAINS)))
            modifier = draw(st.sampled_from(MODIFIERS))
            several = draw(st.lists(st.one_of(values, dates), min_size=1, max_size=3))
            parts.append(f"{name}{modifier}={','.join(several)}")
        parts += draw(st.lists(st.sampled_from(RESULTS), max_size=2, unique=True))
        headers = draw(st.sampled_from(HEADERS))
        return Ask(path=f"/fhir/{kind}?{'&'.join(parts)}", headers=headers)

    return query()
