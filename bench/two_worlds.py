"""Does the time of an answer tell that something is hidden? Measured, where `tests/interfaces/two_worlds` counts.

    python -m bench.two_worlds [--requests 2000] [--write]

Pairs of spaces alike but for five documents masked to the doctor in one and not there in the other. In each pair, by
turns in an order drawn anew: a list, a search in the words of documents, and the reading of one that is hidden beside
one that never was. The whole of the work but HTTP: facts, rows, keys, the durable trace. Printed: the median of each
world; how often somebody who guesses by one answer which world it is guesses right (50 % is a coin); and, with pairs as
what is exchanged, how often chance alone would show medians as far apart (an exact test of permutations).
"""

import argparse
import contextlib
import itertools
import random
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from uuid import UUID, uuid4

import msgspec
import psycopg
import uvloop
from joserfc.jwk import ECKey

from bench import text_search
from bench.house import House, open_house
from bench.one_line import keep
from bench.population import OPERATOR, Someone, populate
from carnet.access.api import authorise
from carnet.config.connect import connected
from carnet.identity.api import DirectoryFeed, FeedProfessional, import_directory
from carnet.infra import clock
from carnet.kernel.actors import Actor
from carnet.kernel.errors import NotFound
from carnet.kernel.ids import SpaceId
from carnet.records.api import (
    DocumentQuery,
    Search,
    list_resources,
    mask_document,
    read_entry,
    search_documents,
)

PAIRS = 10
DOCUMENTS = 25
HIDDEN = 5
WARM = 20
RPPS = "10100000099"
"""Another doctor: whoever wrote a document, or works where it was written, sees it masked or not."""
COLLEAGUE = FeedProfessional(rpps=RPPS, family="Aubépin", given="Louise", profession="10", city="Rennes")
WORDS = "embolie pulmonaire"
_IDS = "SELECT document_id FROM document WHERE space_id = %s ORDER BY document_date DESC, document_id DESC"
_GONE = (
    "DELETE FROM submission_item WHERE space_id = %(space)s AND document_id = ANY(%(ids)s)",
    "DELETE FROM document_text WHERE space_id = %(space)s AND document_id = ANY(%(ids)s)",
    "DELETE FROM document WHERE space_id = %(space)s AND document_id = ANY(%(ids)s)",
)

Asked = Callable[[], Awaitable[object]]


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """Milliseconds in the middle with something hidden and without; share guessed right; what chance would show."""

    hidden: float
    plain: float
    guessed: float
    chance: float


async def run(house: House, *, requests: int, write: bool) -> int:
    """Measure and print."""
    async with connected(house.settings, name="bench-two-worlds"):
        key = ECKey.generate_key("P-384", auto_kid=True).as_dict(private=False)
        world = await populate(spaces=2 * PAIRS, documents=DOCUMENTS, jwks={"keys": [key]}, large=0)
        doctor = msgspec.structs.replace(world.doctor, identifier=RPPS, organisation=None)
        await import_directory(actor=OPERATOR, feed=DirectoryFeed(professionals=(COLLEAGUE,)), at=clock.now())
        pairs = list(zip(world.people[::2], world.people[1::2], strict=True))
        seed, hidden = random.Random(7), {}
        for full, empty in pairs:
            hidden[full.space] = await _part(house, full, empty, seed=seed)
        lines = []
        for name, ask in (("list", _list), ("search", _search), ("read", _read)):
            found = compared(await _measured(pairs, hidden, doctor, ask, requests=requests // PAIRS, seed=seed))
            lines.append(
                f"{name} {found.hidden:.2f} and {found.plain:.2f} ms, {found.guessed:.1%} guessed right, "
                f"p = {found.chance:.2f}"
            )
            sys.stdout.write(lines[-1] + "\n")
        if write:
            keep("two worlds", f"With something hidden and without, {requests:,} of each: {'; '.join(lines)}")
    return 0


async def _part(house: House, full: Someone, empty: Someone, *, seed: random.Random) -> tuple[UUID, ...]:
    """Make the two worlds: the newest documents of one are masked, of the other gone. Return the masked ones."""
    newest: dict[SpaceId, list[UUID]] = {}
    options = "-c search_path=carnet"
    with psycopg.connect(house.server.url(role="carnet_owner"), autocommit=True, options=options) as owner:
        for one in (full, empty):
            owner.execute(f"SET carnet.space = '{one.space}'")
            ids = [row[0] for row in owner.execute(_IDS, (one.space,)).fetchall()]
            newest[one.space] = ids[:HIDDEN]
            await text_search.fill(one.space, ids, seed)
        for sql in _GONE:
            owner.execute(sql, {"space": empty.space, "ids": newest[empty.space]})
    for one in (full, empty):
        await authorise(actor=one.actor, space=one.space, rpps=RPPS, at=clock.now())
    for document in newest[full.space]:
        await mask_document(actor=full.actor, space=full.space, document=document, at=clock.now())
    return tuple(newest[full.space])


def _list(doctor: Actor, space: SpaceId, _: UUID) -> Asked:
    return lambda: list_resources(actor=doctor, space=space, query=DocumentQuery(), at=clock.now())


def _search(doctor: Actor, space: SpaceId, _: UUID) -> Asked:
    search = Search(words=WORDS, within=DocumentQuery())
    return lambda: search_documents(actor=doctor, space=space, search=search, at=clock.now())


def _read(doctor: Actor, space: SpaceId, document: UUID) -> Asked:
    async def tried() -> None:
        with contextlib.suppress(NotFound):
            await read_entry(actor=doctor, space=space, document=document, at=clock.now())
            raise AssertionError("that was to be hidden")

    return tried


async def _measured(
    pairs: list[tuple[Someone, Someone]],
    hidden: dict[SpaceId, tuple[UUID, ...]],
    doctor: Actor,
    ask: Callable[[Actor, SpaceId, UUID], Asked],
    *,
    requests: int,
    seed: random.Random,
) -> list[tuple[list[float], list[float]]]:
    """Return the milliseconds of each world, pair by pair; a hidden document and no document, where the first lies."""
    taken = []
    for full, empty in pairs:
        there = full.space if ask is _read else empty.space
        both = (ask(doctor, full.space, hidden[full.space][0]), ask(doctor, there, uuid4()))
        times: tuple[list[float], list[float]] = ([], [])
        for turn in range(WARM + requests):
            for world in seed.sample((0, 1), 2):
                begun = time.perf_counter()
                await both[world]()
                if turn >= WARM:
                    times[world].append((time.perf_counter() - begun) * 1000)
        taken.append(times)
    return taken


def compared(taken: list[tuple[list[float], list[float]]]) -> Compared:
    """Compare two worlds by pairs: under chance alone, which of a pair is which could be exchanged."""
    gaps = [statistics.median(one) - statistics.median(other) for one, other in taken]
    seen = abs(sum(gaps))
    signs = list(itertools.product((1, -1), repeat=len(gaps)))
    as_far = sum(abs(sum(sign * gap for sign, gap in zip(flips, gaps, strict=True))) >= seen - 1e-12 for flips in signs)
    return Compared(
        hidden=statistics.median(itertools.chain.from_iterable(one for one, _ in taken)),
        plain=statistics.median(itertools.chain.from_iterable(other for _, other in taken)),
        guessed=statistics.mean(_guessed(one, other) for one, other in taken),
        chance=as_far / len(signs),
    )


def _guessed(one: list[float], other: list[float]) -> float:
    """Return how often a guess by one answer is right: the threshold learnt from every other one, tried on the rest."""

    def right(at: float, start: int) -> float:
        mine, theirs = one[start::2], other[start::2]
        slower = sum(time > at for time in mine) / len(mine) - sum(time > at for time in theirs) / len(theirs)
        return 0.5 + slower / 2

    places = statistics.quantiles(one[::2] + other[::2], n=50)
    best = max(places, key=lambda at: abs(right(at, 0) - 0.5))
    return right(best, 1) if right(best, 0) >= 0.5 else 1 - right(best, 1)


def main(arguments: list[str]) -> int:
    """Return 0: what it shows is for somebody to judge."""
    parser = argparse.ArgumentParser(prog="python -m bench.two_worlds", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--requests", type=int, default=2_000, help="of each kind in each world")
    parser.add_argument("--write", action="store_true", help="keep the line in docs/performance.md")
    given = parser.parse_args(arguments)
    with open_house(workers=1) as house:
        return uvloop.run(run(house, requests=given.requests, write=given.write))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
