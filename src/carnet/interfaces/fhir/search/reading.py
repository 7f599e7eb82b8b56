"""From the parameters of a search to what is common to all of them: whom it is about, what it asks, what it ignores.

A parameter we do not know is ignored with a word, or refused when the client said `Prefer: handling=strict` (FHIR R4
§3.1.1.3.1). A modifier is always refused: ignoring it would turn the question around.
"""

from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import parse_qsl
from uuid import UUID

import msgspec
from litestar import Request

from carnet.identity.api import Ins, parse_ins
from carnet.interfaces.fhir.errors import Malformed, MediaTypeRefused, malformed
from carnet.interfaces.fhir.json_input import read_body
from carnet.interfaces.fhir.resources.patient import is_ins_system
from carnet.interfaces.fhir.search.parameters import CURSOR, REFUSED, RESULT, SUMMARIES, TOTALS, Parameter
from carnet.interfaces.fhir.search.values import IMPOSSIBLE, bad_value, tokens
from carnet.kernel.errors import Invalid, Problem, Unsupported
from carnet.kernel.ids import SpaceId

FORM: Final = "application/x-www-form-urlencoded"
MAX_FORM: Final = 64 * 1024
MAX_PARAMETERS: Final = 60
DEFAULT_COUNT: Final = 20

Pairs = list[tuple[str, str]]


class Asked(msgspec.Struct, kw_only=True):
    """A search before it is turned into a query. values: known parameters in order, repeated ones together."""

    values: dict[str, list[str]]
    cursor: str | None
    warnings: list[Problem]

    def one(self, name: str) -> str | None:
        """Return a parameter that may come once; Malformed when it comes again."""
        given = self.values.get(name, [])
        if len(given) > 1:
            raise malformed("parameter-twice", "Ce paramètre est répété.", "This parameter is repeated.", name)
        return given[0] if given else None


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a search is about: a space, or an INS whose space is still to be found; neither when it named nobody."""

    space: SpaceId | None = None
    ins: Ins | None = None


async def pairs_of(request: Request[Any, Any, Any]) -> Pairs:
    """Return the parameters of the address and, for POST …/_search, of the form. Raises Malformed, TooLarge."""
    query = request.scope.get("query_string", b"")
    raw = [query]
    if request.method == "POST":
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind not in {FORM, ""}:
            raise MediaTypeRefused(
                Problem("media-type", "Un formulaire est attendu.", f"A form ({FORM}) is expected.", None)
            )
        raw.append(await read_body(request, limit=MAX_FORM))
    try:
        return [
            pair
            for part in raw
            for pair in parse_qsl(
                part.decode("ascii"), keep_blank_values=True, max_num_fields=MAX_PARAMETERS, errors="strict"
            )
        ]
    except ValueError:
        raise malformed(
            "parameters-malformed", "Les paramètres sont illisibles.", "The parameters cannot be read."
        ) from None


def read(pairs: Pairs, *, known: Iterable[Parameter], strict: bool, result: frozenset[str] = RESULT) -> Asked:
    """Sort parameters into known, ignored and refused. Raises Malformed or Unsupported.

    result: those of the `_` parameters that shape the answer which this search understands.
    """
    names = {parameter.name for parameter in known} | result
    asked = Asked(values={}, cursor=None, warnings=[])
    for name, value in pairs:
        if name == CURSOR:
            asked.cursor = value
        elif name in names:
            if not value.strip() or "\x00" in value:
                raise bad_value(name)
            asked.values.setdefault(name, []).append(value)
        elif {name.partition(":")[0], name.partition(".")[0]} & (names | REFUSED):
            raise Unsupported(_not_supported(name))
        elif strict:
            raise Unsupported(_unknown(name))
        else:
            asked.warnings.append(_unknown(name))
    if asked.cursor is not None and asked.values.keys() - {"_format", "_pretty"}:
        raise malformed(
            "cursor-with-others",
            "Le lien vers la page suivante se suit tel quel.",
            "The link to the next page must be followed as it is.",
            CURSOR,
        )
    return asked


def _not_supported(name: str) -> Problem:
    return Problem(
        "parameter-not-supported",
        "Ce modificateur ou ce paramètre n'est pas pris en charge.",
        "This modifier or parameter is not supported.",
        _shown(name),
    )


def _unknown(name: str) -> Problem:
    return Problem("parameter-unknown", "Paramètre inconnu.", "Unknown parameter.", _shown(name))


def _shown(name: str) -> str | None:
    """A parameter's name is repeated only when it looks like one."""
    plain = name.replace("_", "").replace("-", "").replace(".", "").replace(":", "")
    return name if plain.isascii() and plain.isalnum() and len(name) <= 64 else None  # noqa: PLR2004


def subject_of(asked: Asked, *, accepted_oids: frozenset[str]) -> Subject:
    """Return whom the search is about. Raises Malformed (both or malformed), Invalid (wrong key, unknown authority)."""
    reference, identifier = asked.one("patient"), asked.one("patient.identifier")
    if reference is not None and identifier is not None:
        raise malformed("patient-twice", "Le patient est désigné deux fois.", "The patient is named twice.", "patient")
    if identifier is not None:
        return Subject(ins=ins_of(identifier, name="patient.identifier", accepted_oids=accepted_oids))
    if reference is not None:
        return Subject(space=space_of(reference))
    return Subject()


def ins_of(text: str, *, name: str, accepted_oids: frozenset[str]) -> Ins:
    """Return the INS of a token; Invalid when it is of another system or wrong."""
    given = tokens(text, name=name)
    if len(given) != 1 or not given[0].system or not is_ins_system(given[0].system):
        raise Invalid(
            Problem(
                "ins-expected",
                "Un INS est attendu : urn:oid:{autorité}|{matricule}.",
                "An INS is expected: urn:oid:{authority}|{matricule}.",
                name,
            )
        )
    return parse_ins(matricule=given[0].code, oid=given[0].system, accepted_oids=accepted_oids, path=name)


def space_of(reference: str) -> SpaceId:
    """Return the space of a Patient reference; one that is not ours becomes a space nobody has."""
    try:
        return SpaceId(UUID(hex=reference.rsplit("/", 1)[-1]))
    except ValueError:
        return SpaceId(UUID(int=0))


def count_of(asked: Asked, *, most: int) -> int:
    """Return how many entries a page holds, at most `most`. Raises Malformed."""
    text = asked.one("_count")
    if text is None:
        return DEFAULT_COUNT
    if not text.isascii() or not text.isdigit() or len(text) > 6:  # noqa: PLR2004 - longer is no page
        raise bad_value("_count")
    return min(int(text), most)


def codes_of(asked: Asked, name: str) -> tuple[str, ...]:
    """Return the codes of a parameter; repeated, only what all repetitions allow (IMPOSSIBLE when nothing)."""
    allowed: set[str] | None = None
    for text in asked.values.get(name, []):
        given = {token.code for token in tokens(text, name=name)}
        allowed = given if allowed is None else allowed & given
    return () if allowed is None else tuple(sorted(allowed)) or (IMPOSSIBLE,)


def chosen(asked: Asked, name: str, *, among: frozenset[str]) -> str | None:
    """Return a parameter that takes one of a few words. Raises Unsupported for another."""
    text = asked.one(name)
    if text is not None and text not in among:
        raise Unsupported(_not_supported(name))
    return text


def only_counted(asked: Asked) -> bool:
    """Tell whether only the number of entries is wanted. Raises Malformed or Unsupported for what neither can mean."""
    chosen(asked, "_total", among=TOTALS)
    return chosen(asked, "_summary", among=SUMMARIES) == "count" or count_of(asked, most=1) == 0


def required_subject(subject: Subject) -> Malformed | None:
    """Return the refusal of a search about nobody."""
    if subject.space is not None or subject.ins is not None:
        return None
    return malformed(
        "patient-required",
        "Une recherche concerne une personne : patient ou patient.identifier est obligatoire.",
        "A search is about one person: patient or patient.identifier is required.",
        "patient",
    )
