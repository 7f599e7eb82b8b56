"""A Parameters resource as sent to an operation, read against the list of what the operation knows.

Source: FHIR R4 Parameters. Anything not on the list, or given twice, is refused: half an order is no order.
"""

from collections.abc import Iterable
from typing import Any

from carnet.interfaces.fhir.errors import malformed
from carnet.interfaces.fhir.resources.elements import Node, missing
from carnet.interfaces.fhir.resources.patient import Claim, claim_of_reference, read_identifier
from carnet.interfaces.fhir.resources.references import Entries, Resolver
from carnet.kernel.errors import Problem, Unsupported


class Given:
    """The parameters of one call, by name."""

    def __init__(self, tree: dict[str, Any], *, known: Iterable[str]) -> None:
        """Read `tree`; raises Malformed (not Parameters, one twice) or Unsupported (one nobody knows)."""
        resource = Node(tree, "Parameters")
        if resource.resource_type != "Parameters":
            raise malformed(
                "resource-type", "Un Parameters est attendu.", "A Parameters is expected.", "Parameters.resourceType"
            )
        names = set(known)
        self._parts: dict[str, Node] = {}
        for part in resource.nodes("parameter"):
            name = part.required("name")
            if name not in names:
                raise Unsupported(
                    Problem("parameter-unknown", "Paramètre inconnu.", "Unknown parameter.", part.at("name"))
                )
            if name in self._parts:
                raise malformed(
                    "parameter-twice", "Ce paramètre est répété.", "This parameter is repeated.", part.at("name")
                )
            self._parts[name] = part

    def required(self, name: str, *kinds: str) -> str:
        """Return a text or code that must be there."""
        found = self.text(name, *kinds)
        if found is None:
            raise missing(_path(name))
        return found

    def text(self, name: str, *kinds: str) -> str | None:
        """Return the value of a parameter, in the first of `kinds` it uses ("valueString" by default)."""
        part = self._parts.get(name)
        if part is None:
            return None
        for kind in kinds or ("valueString",):
            if kind in part:
                return part.required(kind)
        wanted = ", ".join(kinds or ("valueString",))
        raise malformed("value-expected", f"Attendu ici : {wanted}.", f"Expected here: {wanted}.", part.path)

    def flag(self, name: str) -> bool | None:
        """Return a boolean, None when it was not given."""
        part = self._parts.get(name)
        if part is None:
            return None
        value = part.boolean("valueBoolean")
        if value is None:
            raise missing(part.at("valueBoolean"))
        return value

    def number(self, name: str) -> int | None:
        """Return a whole number, None when it was not given."""
        part = self._parts.get(name)
        if part is None:
            return None
        found = next((part.integer(kind) for kind in ("valueInteger", "valuePositiveInt") if kind in part), None)
        if found is None:
            raise malformed("number-expected", "Un entier est attendu.", "A whole number is expected.", part.path)
        return found

    def patient(self, name: str = "patient", *, accepted_oids: frozenset[str]) -> Claim:
        """Return whom the call is about: an INS (valueIdentifier), or a Patient of ours (valueReference)."""
        part = self._parts.get(name)
        if part is None:
            raise missing(_path(name))
        identifier, reference = part.node("valueIdentifier"), part.node("valueReference")
        if identifier is not None:
            return Claim(ins=read_identifier(identifier, accepted_oids), path=part.path)
        if reference is None:
            raise missing(part.at("valueIdentifier"))
        return claim_of_reference(reference, Resolver(part, Entries()), accepted_oids)


def parameters(**values: str | bool | None) -> dict[str, Any]:
    """Return a Parameters resource of texts and booleans; None is left out. A name ending in `At` is an instant."""
    parts: list[dict[str, Any]] = []
    for name, value in values.items():
        if value is None:
            continue
        kind = "valueBoolean" if isinstance(value, bool) else "valueInstant" if name.endswith("At") else "valueString"
        parts.append({"name": name, kind: value})
    return {"resourceType": "Parameters", "parameter": parts}


def _path(name: str) -> str:
    return f"Parameters.parameter.where(name='{name}')"
