"""The documents of an archive, each established or with the reason why it cannot go in, before anything is stored."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from carnet.formats.xdm import ArchiveFile, Medium
from carnet.formats.xdm_metadata import SaidOfDocument
from carnet.identity.api import IdentityTraits, Ins, compare
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Reason, problem_of
from carnet.kernel.errors import Invalid, Problem
from carnet.records import errors
from carnet.records.actions.deposit import REQUIRED_TRAITS
from carnet.records.actions.establish import establish
from carnet.records.data import NewDocument
from carnet.records.rules.carried_document import FILE_MISSING, NOT_DESCRIBED, declared_of, urn
from carnet.records.rules.confidentiality import MASKS
from carnet.records.rules.versions_carried import Link


class Candidate(msgspec.Struct, kw_only=True):
    """One document on its way. new: once it is established; problem: why it cannot go in."""

    file: str
    link: Link
    new: NewDocument | None = None
    traits: IdentityTraits | None = None
    problem: Problem | None = None


async def candidates_of(medium: Medium, *, actor: Actor, ins: Ins, at: datetime) -> list[Candidate]:
    """Return every document the archive holds or describes. Raises Unavailable (scanner)."""
    found = [await _candidate(file, actor=actor, ins=ins, at=at) for file in medium.files]
    missing = (Candidate(file=one.uri.rpartition("/")[2], link=_claimed(one)) for one in medium.missing)
    found += [msgspec.structs.replace(one, problem=FILE_MISSING) for one in missing]
    _hide_alike(found)
    return found


async def _candidate(file: ArchiveFile, *, actor: Actor, ins: Ins, at: datetime) -> Candidate:
    said = file.said
    if said is None:
        return Candidate(file=file.name, link=Link(unique_id=""), problem=NOT_DESCRIBED)
    try:
        established = await establish(actor=actor, declared=declared_of(file, said, ins=ins), ins=ins, at=at)
    except Invalid as refused:
        return Candidate(file=file.name, link=_claimed(said), problem=refused.problems[0])
    new = _authored(established.document)
    link = Link(unique_id=new.metadata.unique_id, replaces=new.replaces, codes=new.codes & MASKS, status=said.status)
    return Candidate(file=file.name, link=link, new=new, traits=established.traits)


def _claimed(said: SaidOfDocument) -> Link:
    """What is said of a document that cannot go in still weighs on its versions."""
    codes = frozenset(said.confidentiality) & MASKS
    return Link(unique_id=urn(said.unique_id) or "", replaces=urn(said.replaces), codes=codes, status=said.status)


def _authored(new: NewDocument) -> NewDocument:
    """Give a document the author its archive names, whoever carries it: theirs to replace, the person's to change."""
    first = next(iter(new.metadata.authors), None)
    if first is not None and first.kind == "patient":
        return msgspec.structs.replace(new, author_kind="PATIENT", author_rpps=None, only_if_known=True)
    return msgspec.structs.replace(new, author_finess=first.finess if first else None, only_if_known=True)


def _hide_alike(candidates: Sequence[Candidate]) -> None:
    """Of two documents with the same number or the same bytes one may be left out: what hides one hides the other."""
    codes: dict[str, frozenset[str]] = {}
    for one in candidates:
        for name in _names(one):
            codes[name] = codes.get(name, frozenset()) | one.link.codes
    numbers: dict[str, str] = {}
    for one in candidates:
        hidden = one.link.codes.union(*(codes[name] for name in _names(one)))
        one.link = msgspec.structs.replace(one.link, codes=hidden)
        if one.new is None:
            continue
        sha256 = one.new.metadata.sha256
        if numbers.setdefault(one.link.unique_id, sha256) != sha256:
            one.problem = errors.IDENTIFIER_TWICE


def _names(one: Candidate) -> list[str]:
    return [one.link.unique_id, *([one.new.metadata.sha256] if one.new else [])]


def check_traits(candidates: Sequence[Candidate], holder: IdentityTraits) -> list[str]:
    """Refuse what is about somebody else by its traits; return the names of those that differ (RNIV 1)."""
    differing: set[str] = set()
    for one in candidates:
        if one.new is None:
            continue
        if one.traits is None:
            one.problem = errors.NO_TRAITS
            continue
        result = compare(holder, one.traits, required=REQUIRED_TRAITS)
        if not result.accepted:
            one.problem = problem_of(Reason.TRAITS_DISAGREE)
            differing |= {str(difference.trait) for difference in result.blocking}
    return sorted(differing)
