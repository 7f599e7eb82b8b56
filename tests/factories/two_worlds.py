"""Two worlds: copies of one house, alike but for something hidden, asked the same things (threats T10 to T17).

A house is lived in, then copied: `plain`, `again` (plain a second time: a difference there is chance, and the harness
is wrong), `hidden`, where the thing to hide is put, and `shown`, where it lies in sight: a harness that sees no
difference there has no eyes. Each copy answers the same requests, which come from the route table and from the links
of the answers (`visit.py`), with the clock standing still and chance repeating itself. The work each answer took
is compared too (`labour.py`): two answers that cost the same steps take the same time. What is sealed with a fresh
nonce at each call (cursors, addresses of patients, form tokens) is compared by its length.
"""

import contextlib
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from uuid import UUID

import msgspec
import psycopg
from psycopg import sql

from carnet.config.application import create_litestar, limits_of
from carnet.config.connect import connected, open_kek
from carnet.config.settings import Settings, read_settings
from carnet.config.wiring import handlers
from carnet.identity.api import Door, Login, SessionLimits, find_session, sign_in
from carnet.infra import clock, installation, randomness
from carnet.infra.db import database as database_seat
from carnet.infra.jobs.worker import run_until_idle
from carnet.infra.web.audience import Audience, declared_routes
from carnet.infra.web.envelope import Envelope
from carnet.interfaces.fhir import probing
from carnet.interfaces.fhir.search import cursor, space
from carnet.interfaces.oauth.access_tokens import issue
from carnet.interfaces.oauth.keys import TokenKeys
from carnet.interfaces.oauth.settings import OauthSettings
from carnet.journeys.api import WebDoor
from carnet.kernel.actors import Actor, ActorKind
from factories.labour import heard, unlike
from factories.post import Post, post_office
from factories.visit import SITE, Answer, Ask, Reader, Visit, house_lines, lengths
from factories.wire import Wire

MADE_UP = UUID("7b5d0c3a-0d0e-4b5e-9d43-0000000000aa")
SCOPES = {
    ActorKind.SOFTWARE: frozenset({"system/*.cruds"}),
    ActorKind.PROFESSIONAL: frozenset({"user/*.cruds"}),
}


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What one copy showed: the answers by request, with the lines logged meanwhile; the e-mails sent since it was
    copied; and what the worker logged of what the reader made it do.
    """

    answers: dict[str, Answer]
    mails: tuple[str, ...]
    logs: tuple[str, ...] = ()


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Give the house of other tests back its place afterwards."""
    parts, seats = list(installation._installed), list(database_seat._seated)
    try:
        yield
    finally:
        installation._installed[:], database_seat._seated[:] = parts, seats


class Worlds:
    """One application, one set of keys and contents, and as many copies of one database as are asked for."""

    def __init__(self, *, home: Path, url: Callable[[str], str], postgres: str, smtp_port: int) -> None:
        self._url, self._postgres, self._home, self._port = url, postgres, home, smtp_port
        self._copies = itertools.count(1)
        self.settings = self._settings(url)
        litestar = create_litestar(self.settings)
        self.routes = sorted((path, method, who) for path, method, who in declared_routes(litestar))
        self.app = Envelope(litestar, limits=limits_of(self.settings))

    def _settings(self, url: Callable[[str], str]) -> Settings:
        doors = ("CARNET_FRANCECONNECT_ISSUER", "CARNET_PSC_ISSUER", "CARNET_INS_SERVICE_URL")
        return read_settings(
            dict.fromkeys(doors, "https://provider.test")
            | {
                "CARNET_HOME": str(self._home),
                "CARNET_BASE_URL": SITE,
                "CARNET_DATABASE_URL": url("carnet_app"),
                "CARNET_DATABASE_OWNER_URL": url("carnet_owner"),
                "CARNET_DATABASE_BATCH_URL": url("carnet_batch"),
                "CARNET_SMTP_PORT": str(self._port),
                "CARNET_NOTICE_GROUP_MINUTES": "0",  # the clock stands still: nothing may wait for it
            }
        )

    @contextlib.asynccontextmanager
    async def base(self) -> AsyncIterator[None]:
        """Live in the house that will be copied."""
        async with connected(self.settings), post_office(port=self._port):
            yield
            await self._settle(self._url)

    @contextlib.asynccontextmanager
    async def copy(self) -> AsyncIterator[Callable[[str], str]]:
        """Copy the house and live in the copy; yields its addresses."""
        name = f"worlds_{next(self._copies)}"
        base = psycopg.conninfo.conninfo_to_dict(self._url("carnet_app"))["dbname"]
        with psycopg.connect(self._postgres, autocommit=True) as conn:
            conn.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(base)))

        def url(role: str) -> str:
            return psycopg.conninfo.make_conninfo(self._url(role), dbname=name)

        blobs = self._blobs()
        probing.limits._buckets.clear()  # nobody has tried any number yet
        space._known.clear()  # nor asked for anybody
        try:
            async with self._wired() as wire, connected(self._settings(lambda role: wire.through(url(role)))):
                cursor._cipher()  # made once a process: whose request it is would be chance
                yield url
        finally:
            for one in self._blobs() - blobs:  # chance repeats itself, so that the next copy makes the same ids
                one.unlink()
            with psycopg.connect(self._postgres, autocommit=True) as conn:
                conn.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    @contextlib.asynccontextmanager
    async def _wired(self) -> AsyncIterator[Wire]:
        wire = Wire(self._url("carnet_app"), self._home, heard=heard)
        await wire.start()
        try:
            yield wire
        finally:
            await wire.stop()

    def _blobs(self) -> set[Path]:
        return {one for one in (self._home / "blobs").rglob("*") if one.is_file()}

    async def _settle(self, url: Callable[[str], str]) -> None:
        await run_until_idle(url("carnet_app"), handlers=handlers(self.settings))

    async def look(
        self,
        reader: Callable[[object], Reader],
        *,
        hide: Callable[[], Awaitable[object]],
        show: Callable[[], Awaitable[object]],
        eyes: Callable[[object], Reader] | None = None,
        mails_to: str = "",
        again: bool = False,
    ) -> dict[str, Seen]:
        """Return what one reader sees in each world.

        hide, show: put something there, hidden or in sight, and return what the reader is to know of it;
        eyes: who looks at what is in sight, the reader unless given; mails_to: the reader's address; again: look at the
        plain world twice.
        """
        seen: dict[str, Seen] = {}
        worlds = {"hidden": hide, "plain": None, "shown": show} | ({"again": None} if again else {})
        known: object = None
        for name, change in worlds.items():
            async with self.copy() as url, post_office(port=self._port) as (post, _):
                made = await change() if change else None
                known = made if name == "hidden" else known
                await self._settle(url)
                with randomness.seeded(7):
                    looking = eyes if name == "shown" and eyes else reader
                    visit = Visit(self.app, self.routes, looking(made if name == "shown" else known))
                    answers = await (visit.glance() if name == "shown" else visit.everything())
                with house_lines() as lines:
                    await self._settle(url)
                seen[name] = Seen(answers=answers, mails=_mails(post, mails_to), logs=tuple(lines))
        return seen

    async def ask(self, reader: Reader, ask: Ask) -> Answer:
        """Send one request for one reader."""
        return await Visit(self.app, self.routes, reader).ask(ask)

    async def open_pages(self, actor: Actor, *, find: str = "", **more) -> Reader:
        """Sign somebody in at their pages; find: the matricule of the patient whose file they open."""
        door = Door.PORTAL if actor.kind is ActorKind.PERSON else Door.PRO
        web = WebDoor(door=door, base_url=SITE, limits=SessionLimits())
        at = clock.now()
        login = Login(
            door=door,
            issuer="https://provider.test",
            subject=actor.identifier,
            id_token="x",
            acr="eidas2",
            authenticated_at=at,
            device="Firefox",
        )
        token = (await sign_in(actor=actor, login=login, limits=web.limits, replaces=None, at=at)).token
        known = await find_session(token=token, door=door, limits=web.limits, at=at)
        pages = Reader(
            audience=Audience.PERSON if door is Door.PORTAL else Audience.PROFESSIONAL,
            prefixes=("/pro",) if door is Door.PRO else ("/",),
            headers={"cookie": f"{web.session_cookie}={token}"},
            values={},
            actor=known.actor if known else None,
        )
        if find:
            answer = await Visit(self.app, self.routes, pages).ask(
                Ask(method="POST", path="/pro/patient", form=(("ins", find),))
            )
            assert answer.status == 303, answer
            address = dict(answer.headers)[b"location"].decode()
            more = {"values": {"handle": (address.split("/")[3],)} | more.pop("values", {})} | more
        return msgspec.structs.replace(pages, **more)

    def with_token(self, actor: Actor, **more) -> Reader:
        """Let somebody ask by FHIR."""
        oauth = OauthSettings(base_url=SITE, fhir_base=f"{SITE}/fhir")
        keys = TokenKeys.load_or_create(self.settings.home / "keys" / "tokens.key", kek=open_kek(self.settings))
        token = issue(actor, scopes=SCOPES[actor.kind], settings=oauth, keys=keys, at=clock.now())
        audience = Audience.SOFTWARE if actor.kind is ActorKind.SOFTWARE else Audience.PROFESSIONAL
        return Reader(audience=audience, prefixes=("/fhir",), headers={"authorization": f"Bearer {token}"}, **more)


def _mails(post: Post, address: str) -> tuple[str, ...]:
    """What was written to `address`: subject and text."""
    return tuple(
        sorted(
            f"{one['subject']}\n{one.get_body(('plain',)).get_content()}"
            for one in post.messages
            if one["to"] == address
        )
    )


def _comparable(answer: Answer) -> tuple[object, ...]:
    headers = tuple((name, lengths(value)) for name, value in answer.headers)
    return answer.status, headers, lengths(answer.body), answer.logs


def differences(one: Seen, other: Seen) -> list[str]:
    """Say where two worlds can be told apart; the beginning of each difference is shown."""
    found = [f"{key}: asked in one world only" for key in sorted(one.answers.keys() ^ other.answers.keys())]
    for key in (key for key in one.answers if key in other.answers):
        for what, mine, theirs in zip(
            ("status", "headers", "body", "logs"),
            *map(_comparable, (one.answers[key], other.answers[key])),
            strict=True,
        ):
            if mine != theirs:
                found.append(f"{key}: {what}: {_first_difference(mine, theirs)}")
        found += [
            f"{key}: work: {line}" for line in unlike(one.answers[key].work, other.answers[key].work, request=key)
        ]
    if one.logs != other.logs:
        found.append(f"the worker's log: {_first_difference(one.logs, other.logs)}")
    if one.mails != other.mails:
        found.append(f"e-mails: {len(one.mails)} and {len(other.mails)}")
    return found


def _first_difference(mine: object, theirs: object) -> str:
    if isinstance(mine, tuple) and isinstance(theirs, tuple):  # lines: show the first pair that differs
        pairs = itertools.zip_longest(mine, theirs, fillvalue="nothing")
        mine, theirs = next((pair for pair in pairs if pair[0] != pair[1]), (mine, theirs))
    left, right = (str(one) for one in (mine, theirs))
    place = next((at for at, pair in enumerate(zip(left, right, strict=False)) if pair[0] != pair[1]), 0)
    return f"…{left[max(0, place - 80) : place + 120]!r} / …{right[max(0, place - 80) : place + 120]!r}"
