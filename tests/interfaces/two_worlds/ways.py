"""Every way in which something can be hidden from somebody: each one hides a document of its own.

All ways that concern one reader are tried in one world; a difference shows the title of the document that leaked.
"""

import contextlib
import datetime as dt
from collections.abc import Callable, Iterator
from uuid import UUID

import msgspec

from carnet.access.api import RestrictionEffect, Wish, access_lines, authorise, restrict, unblock
from carnet.infra import clock
from carnet.infra.db import work
from carnet.records.api import HoldReason, hold_document
from carnet.spaces.api import confirm_channel_apart, hold_contact, propose_channel_apart
from interfaces.two_worlds.cast import APART_TYPE, AT, Cast, Put, put

HIDE, ONLY = RestrictionEffect.HIDE, RestrictionEffect.ONLY
MINUTE = dt.timedelta(minutes=1)


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """One way to hide. changes: what the document is when hidden (it may replace what is "apart" or "in
    sight"); then, first: what the person wishes, after or before.

    minutes: how long after the others it happens. first concerns whatever comes next. held: it waits to be explained.
    pharmacy: it comes from one, which who knows of it may write to.
    """

    title: str
    changes: dict[str, object] = {}
    first: Callable[[Cast], Wish] | None = None
    then: Callable[[Cast, UUID], Wish] | None = None
    minutes: int = 0
    held: bool = False
    pharmacy: bool = False


def _named(reader: str) -> tuple[Way, ...]:
    """What the person may wish about one document and one professional."""

    def about(**whom: object) -> Callable[[Cast, UUID], Wish]:
        return lambda cast, document: Wish(
            document=document, **{key: value(cast) if callable(value) else value for key, value in whom.items()}
        )

    def rpps(cast: Cast) -> tuple[str, ...]:
        return (cast.readers[reader].identifier,)

    return (
        Way(title="Masqué", changes={"codes": frozenset({"MASQUE_PS"})}),
        Way(title="Pas lui", then=about(effect=HIDE, rpps=rpps)),
        Way(title="Pas sa profession", then=about(effect=HIDE, professions=lambda c: (c.readers[reader].profession,))),
        Way(title="Personne", then=about(effect=HIDE, everyone=True)),
        Way(title="Un autre seulement", then=about(effect=ONLY, rpps=lambda c: (c.readers["blocked"].identifier,))),
    )


_ANNOUNCED = Way(title="À annoncer", changes={"codes": frozenset({"INVISIBLE_PATIENT"})})
_NEXT_ANNOUNCED = Way(
    title="Suite à annoncer", changes={"codes": frozenset({"INVISIBLE_PATIENT"}), "replaces": "in sight"}
)
_KEPT_FROM_DELEGATES = (
    _ANNOUNCED,
    Way(title="Pas mes parents", changes={"codes": frozenset({"INVISIBLE_REPRESENTANTS_LEGAUX"})}, pharmacy=True),
    Way(title="Sujet mis à part", changes={"type_code": APART_TYPE}),
)


WAYS: dict[str, tuple[Way, ...]] = {
    "doctor": (
        *_named("doctor"),
        Way(
            title="Pas son établissement",
            then=lambda cast, document: Wish(
                effect=HIDE, document=document, finess=(cast.readers["doctor"].organisation,)
            ),
        ),
        Way(
            title="Pas en ce moment",
            then=lambda cast, document: Wish(
                effect=HIDE,
                document=document,
                rpps=(cast.readers["doctor"].identifier,),
                starts_at=AT,
                ends_at=AT + 60 * MINUTE,
            ),
        ),
        Way(
            title="Rien de cette catégorie",
            changes={"category": "DEPISTAG"},
            first=lambda cast: Wish(effect=HIDE, category="DEPISTAG", rpps=(cast.readers["doctor"].identifier,)),
        ),
        Way(
            title="Rien de ce qui viendra",
            first=lambda cast: Wish(effect=HIDE, to_come=True, finess=(cast.readers["doctor"].organisation,)),
            minutes=1,
        ),
        Way(title="Suite de ce qu'il voit", changes={"replaces": "in sight"}, minutes=2),
    ),
    "urgent": _named("urgent"),
    "pharmacist": (
        Way(title="Hors de la matrice", changes={"type_code": "28617-9"}),
        _named("pharmacist")[2],
        Way(title="Suite hors de la matrice", changes={"type_code": "28617-9", "replaces": "in sight"}),
    ),
    "passer-by": (Way(title="Quoi que ce soit"),),
    "blocked": (Way(title="Quoi que ce soit"),),
    "stranger": (Way(title="Quoi que ce soit"),),
    "elsewhere": (Way(title="Quoi que ce soit"),),
    "person": (_ANNOUNCED, _NEXT_ANNOUNCED),
    "parent": (*_KEPT_FROM_DELEGATES, _NEXT_ANNOUNCED),
    "carer": (
        *_KEPT_FROM_DELEGATES,
        Way(title="Laissé de côté", changes={"category": "DEPISTAG"}),
        Way(title="Suite laissée de côté", changes={"category": "DEPISTAG", "replaces": "in sight"}),
    ),
    "simple session": (
        Way(title="Sujet mis à part", changes={"type_code": APART_TYPE}),
        Way(title="Suite d'un document mis à part", changes={"replaces": "apart"}),
        Way(title="Suite mise à part", changes={"type_code": APART_TYPE, "replaces": "in sight"}),
        Way(title="Résultat mis à part, retenu", changes={"type_code": APART_TYPE}, held=True),
    ),
}


async def hide(cast: Cast, reader: str) -> list[Put]:
    """Put one document a way, hidden that way from the reader; who would not know of it, either, that news of what is
    kept apart goes to an address of its own.
    """
    if reader in {"simple session", "parent", "carer"}:
        await _tell_elsewhere(cast)
    return [await _hide(cast, way) for way in WAYS[reader]]


async def _tell_elsewhere(cast: Cast) -> None:
    at, space = clock.now(), cast.person.space
    me = msgspec.structs.replace(cast.person.actor, stepped_up_until=at + MINUTE)
    await propose_channel_apart(actor=me, space=space, address="ailleurs@example.org", at=at)
    async with work(space=space, at=at) as w:
        proposed = (await hold_contact(w)).apart_proposed
    assert proposed is not None
    await confirm_channel_apart(actor=me, space=space, code=proposed.code, at=at)


async def show(cast: Cast, reader: str) -> list[Put]:
    """Put the same documents in sight; whoever could see nothing at all is let in."""
    if reader == "blocked":
        await _unblock(cast)
    if reader in {"blocked", "passer-by"}:
        rpps = cast.readers[reader].identifier
        await authorise(actor=cast.person.actor, space=cast.person.space, rpps=rpps, at=clock.now())
    return [await _put(cast, way, {}) for way in WAYS[reader]]


async def _hide(cast: Cast, way: Way) -> Put:
    with _at(way):
        if way.first:
            await restrict(actor=cast.person.actor, space=cast.person.space, wish=way.first(cast), at=clock.now())
        named = {"apart": cast.apart, "in sight": cast.in_sight}
        changes = {name: named[value] if name == "replaces" else value for name, value in way.changes.items()}
        one = await _put(cast, way, changes)
        if way.then:
            wish = way.then(cast, one.document)
            await restrict(actor=cast.person.actor, space=cast.person.space, wish=wish, at=clock.now())
        return msgspec.structs.replace(one, hold=await _hold(cast, one)) if way.held else one


async def _hold(cast: Cast, one: Put) -> UUID:
    """The colleague of the depositor wants to explain it first."""
    return await hold_document(
        actor=cast.colleague,
        space=cast.person.space,
        document=one.document,
        days=7,
        reason=HoldReason.TO_EXPLAIN,
        at=clock.now(),
    )


async def _put(cast: Cast, way: Way, changes: dict[str, object]) -> Put:
    with _at(way):
        source = cast.pharmacy if way.pharmacy else cast.software
        return await put(cast.person, source, title=way.title, content=way.title.encode(), **changes)


async def _unblock(cast: Cast) -> None:
    async with work(space=cast.person.space, at=clock.now()) as w:
        lines = [one for one in await access_lines(w) if one.effect == "block"]
    for one in lines:
        await unblock(
            actor=cast.person.actor, space=cast.person.space, authorisation=one.authorisation_id, at=clock.now()
        )


@contextlib.contextmanager
def _at(way: Way) -> Iterator[None]:
    """What comes later comes later: the wish about what is to come must not reach back."""
    with clock.frozen(AT + (2 + way.minutes) * MINUTE):
        yield
