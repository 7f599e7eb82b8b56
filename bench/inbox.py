"""`python -m bench.inbox`: the inbox page of somebody with 10,000 conversations, beside the bare reading of its rows.

Through the portal itself (session, decision, trace, opening, template), in this process: first page, a page in the
middle, the last one, each folder. Rows are written straight into the tables, sealed as messaging seals them. Loopback
only; everything it starts it stops. Returns 0 when the 95th percentile of every page stays under 100 ms.
"""

import argparse
import datetime as dt
import statistics
import sys
import time
from uuid import UUID

import httpx
import uvloop
from joserfc.jwk import ECKey

from bench.house import open_house
from bench.population import populate
from bench.visitors import session_cookie
from carnet.access.api import look
from carnet.config.application import create_litestar
from carnet.config.connect import connected
from carnet.config.settings import Settings
from carnet.infra import clock, randomness
from carnet.infra.db import rows_in_one_trip, work
from carnet.infra.db.work import Statement
from carnet.infra.vault import SpaceKeys
from carnet.kernel.actors import Actor
from carnet.kernel.ids import SpaceId
from carnet.messaging.data import Address, Head
from carnet.messaging.queries.sealed import seal_head

LIMIT_MS = 100
PAGE = 50
_ADD = """
INSERT INTO conversation
  (space_id, conversation_id, opened_at, last_at, messages, unread, ended_at, head_enc, sent_at, place)
SELECT %(space)s, u.id, u.at, u.at, 2, u.unread, u.ended, u.head, u.sent, 'inbox'
FROM unnest(%(ids)s::uuid[], %(ats)s::timestamptz[], %(unread)s::int[], %(ended)s::timestamptz[], %(heads)s::bytea[],
  %(sent)s::timestamptz[]) AS u(id, at, unread, ended, head, sent)
"""
_FLOOR = """
SELECT conversation_id, head_enc, last_at FROM conversation WHERE space_id = %(space)s AND deleted_at IS NULL
  AND place = 'inbox' ORDER BY last_at DESC, conversation_id DESC LIMIT 51
"""


async def fill(space: SpaceId, actor: Actor, conversations: int) -> None:
    """Write that many conversations: one in fifty unread, half answered, a third ended."""
    at = clock.now()
    keys = (await look(actor=actor, space=space, at=at)).opened_keys
    for begin in range(0, conversations, 1000):
        numbers = range(begin, min(begin + 1000, conversations))
        ids = [randomness.uuid7() for _ in numbers]
        ats = [at - dt.timedelta(minutes=7 * one) for one in numbers]
        params = {
            "space": space,
            "ids": ids,
            "ats": ats,
            "unread": [int(one % 50 == 0) for one in numbers],
            "ended": [when if one % 3 == 0 else None for one, when in zip(numbers, ats, strict=True)],
            "heads": [_head(one, row, keys) for one, row in zip(numbers, ids, strict=True)],
            "sent": [when if one % 2 == 0 else None for one, when in zip(numbers, ats, strict=True)],
        }
        async with work(space=space, at=at) as w:
            await w.execute(_ADD, params)


def _head(number: int, row: UUID, keys: SpaceKeys) -> bytes:
    people = (Address(f"docteur{number % 40}@chu.mssante.invalid", f"Dr Numéro {number % 40}"),)
    said = "Bonjour, voici ce dont nous avons parlé ; dites-moi si cela vous convient, nous en reparlerons bientôt."
    head = Head(subject=f"Vos résultats du mois, suite {number}", people=people, excerpt=said)
    return seal_head(head, conversation=row, keys=keys)


async def time_page(client: httpx.AsyncClient, path: str, *, rounds: int) -> tuple[list[float], str]:
    """Return how long each answer took, in milliseconds, and the last page."""
    taken, text = [], ""
    for _ in range(rounds):
        begun = time.perf_counter()
        answer = await client.get(path)
        taken.append((time.perf_counter() - begun) * 1000)
        answer.raise_for_status()
        text = answer.text
    return taken, text


async def floor(space: SpaceId, *, rounds: int) -> list[float]:
    """The same rows read and nothing done with them."""
    taken = []
    for _ in range(rounds):
        begun = time.perf_counter()
        await rows_in_one_trip([Statement(_FLOOR, {"space": space})], space=space)
        taken.append((time.perf_counter() - begun) * 1000)
    return taken


def line(name: str, taken: list[float]) -> tuple[str, float]:
    ordered = sorted(taken)
    p95 = ordered[int(len(ordered) * 0.95)]
    middle = statistics.median(ordered)
    return f"{name:34} p50 {middle:6.1f} ms   p95 {p95:6.1f} ms   worst {ordered[-1]:6.1f} ms", p95


async def run(settings: Settings, *, conversations: int, rounds: int) -> int:
    async with connected(settings, name="bench-inbox"):
        key = ECKey.generate_key("P-384", auto_kid=True).as_dict(private=False)
        people = await populate(spaces=1, documents=1, jwks={"keys": [key]}, large=0)
        one = people.people[0]
        cookie = await session_cookie(one, number=0)
        await fill(one.space, one.actor, conversations)
        print(f"{conversations} conversations in one inbox")
        transport = httpx.ASGITransport(create_litestar(settings))
        slow = []
        async with httpx.AsyncClient(
            transport=transport, base_url=settings.base_url, headers={"cookie": cookie}, timeout=60
        ) as client:
            middle = (clock.now() - dt.timedelta(minutes=7 * conversations // 2)).timestamp()
            places = {
                "first page": "/messages",
                "a page in the middle": f"/messages?suite={int(middle * 1e6)}-{'f' * 32}",
                "the last page": f"/messages?suite={int((middle - 210 * conversations + 21000) * 1e6)}-{'f' * 32}",
                "unread": "/messages?dossier=non-lus",
                "sent": "/messages?dossier=envoyes",
                "ended": "/messages?dossier=termines",
            }
            for name, path in places.items():
                await time_page(client, path, rounds=5)
                taken, page = await time_page(client, path, rounds=rounds)
                told, p95 = line(name, taken)
                print(f"{told}   {page.count('Vos résultats du mois')} lines")
                slow += [name] if p95 >= LIMIT_MS else []
        print(line("floor: the sealed rows of one page", await floor(one.space, rounds=rounds))[0])
        return 1 if slow else 0


def main(arguments: list[str]) -> int:
    """Return 0 when every page's 95th percentile stays under LIMIT_MS."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--conversations", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=200)
    given = parser.parse_args(arguments)
    with open_house(workers=1) as house:
        return uvloop.run(run(house.settings, conversations=given.conversations, rounds=given.rounds))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
