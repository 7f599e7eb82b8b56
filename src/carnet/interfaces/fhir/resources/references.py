"""Following the references of a message to what came with it: contained resources, and other entries of the Bundle.

A reference to somewhere else is not followed: this server fetches nothing. Source: FHIR R4 §2.3.0 (references),
§2.36.4.1 (resolving references in Bundles).
"""

from collections.abc import Callable
from typing import Any, TypeVar

from carnet.interfaces.fhir.errors import malformed
from carnet.interfaces.fhir.resources.elements import Node, as_written

_T = TypeVar("_T")


class Entries:
    """The resources of one message by every name a reference may use."""

    def __init__(self) -> None:
        self._by_name: dict[str, Node] = {}
        self._read: dict[tuple[Callable[..., Any], bytes, tuple[Any, ...]], Any] = {}

    def add(self, full_url: str | None, resource: Node, *, path: str) -> None:
        """Register an entry under its fullUrl and, when it has an id, as `Type/id`. Malformed when named twice."""
        if full_url is not None:
            if full_url in self._by_name:
                raise malformed(
                    "full-url-twice",
                    "Deux entrées portent le même fullUrl.",
                    "Two entries carry the same fullUrl.",
                    f"{path}.fullUrl",
                )
            self._by_name[full_url] = resource
        logical_id = resource.value.get("id")
        if isinstance(logical_id, str) and logical_id:
            self._by_name.setdefault(f"{resource.resource_type}/{logical_id}", resource)
            self._by_name.setdefault(f"urn:uuid:{logical_id}", resource)

    def find(self, reference: str) -> Node | None:
        """Return the entry meant by an absolute or relative reference."""
        found = self._by_name.get(reference)
        return found or self._by_name.get("/".join(reference.rsplit("/", 2)[-2:]))

    def once(self, read: Callable[..., _T], resource: Node, *more: Any) -> _T:
        """Return `read(resource, *more)`, which looks at nothing but them, read once for every copy in the message.

        A sender repeats the person and the authors in each resource that names them. more: hashable.
        """
        key = (read, as_written(resource), more)
        if key not in self._read:
            self._read[key] = read(resource, *more)
        result: _T = self._read[key]
        return result


def contained_in(resource: Node) -> dict[str, Node]:
    """Return the contained resources by id. Malformed when two share one."""
    found: dict[str, Node] = {}
    for one in resource.nodes("contained"):
        identifier = one.required("id")
        if identifier in found:
            raise malformed(
                "contained-twice",
                "Deux ressources contenues portent le même id.",
                "Two contained resources carry the same id.",
                one.at("id"),
            )
        found[identifier] = one
    return found


class Resolver:
    """Follows references from one resource: `#id` into what it contains, anything else into the message."""

    def __init__(self, resource: Node, entries: Entries) -> None:
        self._contained = contained_in(resource)
        self._entries = entries

    def follow(self, reference: Node | None) -> Node | None:
        """Return what a Reference points at, None when it is elsewhere. Malformed for a dangling `#id`."""
        target = reference.text("reference") if reference else None
        if reference is None or target is None:
            return None
        if not target.startswith("#"):
            return self._entries.find(target)
        found = self._contained.get(target[1:])
        if found is None:
            raise malformed(
                "reference-dangling",
                "Cette référence interne ne désigne aucune ressource contenue.",
                "This internal reference points at no contained resource.",
                reference.at("reference"),
            )
        return found

    def once(self, read: Callable[..., _T], resource: Node, *more: Any) -> _T:
        """Read a resource that is repeated in the message once (`Entries.once`)."""
        return self._entries.once(read, resource, *more)

    def only(self, resource_type: str) -> Node | None:
        """Return the contained resource of that type when there is exactly one."""
        alike = [one for one in self._contained.values() if one.value.get("resourceType") == resource_type]
        return alike[0] if len(alike) == 1 else None
