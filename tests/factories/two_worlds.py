"""Two worlds: copies of one house, alike but for something hidden, asked the same things (threats T10 to T17).

A house is lived in, then copied: `plain`, `again` (plain a second time: a difference there is chance, and the harness
is wrong) and `hidden`, where the thing to hide is put. Each copy answers the same requests, which come from the route
table and from the links of the answers, with the clock standing still and chance repeating itself. What is sealed with
a fresh nonce at each call (cursors, addresses of patients, form tokens) is compared by its length.
"""

import contextlib
import hashlib
import itertools
import re
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from html import unescape
from pathlib import Path
from uuid import UUID

import httpx
import msgspec
import psycopg
from psycopg import sql
from structlog.testing import capture_logs

from carnet.config.application import create_litestar, limits_of
from carnet.config.connect import connected, open_kek
from carnet.config.settings import Settings, read_settings
from carnet.config.wiring import handlers
from carnet.identity.api import Door, Login, SessionLimits, sign_in
from carnet.infra import clock, installation, randomness
from carnet.infra.db import database as database_seat
from carnet.infra.jobs.worker import run_until_idle
from carnet.infra.web.audience import Audience, declared_routes
from carnet.infra.web.envelope import Envelope
from carnet.interfaces.oauth.access_tokens import issue
from carnet.interfaces.oauth.keys import TokenKeys
from carnet.interfaces.oauth.settings import OauthSettings
from carnet.journeys.api import WebDoor
from carnet.kernel.actors import Actor, ActorKind
from factories.post import Post, post_office

SITE = "https://carnet.test"
MADE_UP = UUID("7b5d0c3a-0d0e-4b5e-9d43-0000000000aa")
SCOPES = {
    ActorKind.SOFTWARE: frozenset({"system/*.cruds"}),
    ActorKind.PROFESSIONAL: frozenset({"user/*.cruds"}),
}
MOST_LINKS = 150
_SEALED = re.compile(rb"[A-Za-z0-9_-]{40,}={0,2}")  # base64url of 30 bytes or more, ids in hexadecimal excepted below
_HEXADECIMAL = re.compile(rb"[0-9a-f]{64}")
_CSRF = re.compile(r'name="_csrf_token" value="([^"]+)"')
_LINK = re.compile(r'(?:href|src|hx-get)="(/[^"#]*)"')
_NEXT = re.compile(r'"relation":"next","url":"https://carnet\.test([^"]+)"')
_PARAMETER = re.compile(r"\{(\w+):\w+\}")
_FIELD = re.compile(r"<(?:input|select|textarea|button)[^>]*>")
_NAME, _VALUE = re.compile(r'\bname="([^"]*)"'), re.compile(r'\bvalue="([^"]*)"')


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """One request. `form`: fields of a page's form (the form token is added); `body`: JSON."""

    method: str = "GET"
    path: str
    form: tuple[tuple[str, str], ...] | None = None
    body: bytes | None = None


class Answer(msgspec.Struct, frozen=True):
    """All that can be observed of one answer, with what was logged meanwhile."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    logs: tuple[str, ...]


class Reader(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who looks. values: what a name between braces in a route may stand for; bodies: what programs send."""

    audience: Audience
    prefixes: tuple[str, ...]
    headers: dict[str, str]
    values: dict[str, tuple[str, ...]]
    queries: dict[str, tuple[str, ...]] = {}
    bodies: dict[tuple[str, str], tuple[bytes, ...]] = {}


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What one copy showed: the answers by request, and the e-mails sent since it was copied."""

    answers: dict[str, Answer]
    mails: tuple[str, ...]


class UnknownParameterError(AssertionError):
    """A route has a parameter the harness was never told about: teach it, or the route is not covered."""


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

        try:
            async with connected(self._settings(url)):
                yield url
        finally:
            with psycopg.connect(self._postgres, autocommit=True) as conn:
                conn.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    async def _settle(self, url: Callable[[str], str]) -> None:
        await run_until_idle(url("carnet_app"), handlers=handlers(self.settings))

    async def look(
        self,
        reader: Callable[[UUID], Reader],
        *,
        hide: Callable[[], Awaitable[UUID]],
        mails_to: str = "",
    ) -> dict[str, Seen]:
        """Return what one reader sees in each world. hide: hides something, returns its id; mails_to: their address."""
        seen, hidden = {}, MADE_UP
        for name in ("hidden", "plain", "again"):
            async with self.copy() as url, post_office(port=self._port) as (post, _):
                if name == "hidden":
                    hidden = await hide()
                await self._settle(url)
                with randomness.seeded(7):
                    answers = await Visit(self, reader(hidden)).everything()
                await self._settle(url)
                seen[name] = Seen(answers=answers, mails=_mails(post, mails_to))
        return seen

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
        pages = Reader(
            audience=Audience.PERSON if door is Door.PORTAL else Audience.PROFESSIONAL,
            prefixes=("/pro",) if door is Door.PRO else ("/",),
            headers={"cookie": f"{web.session_cookie}={token}"},
            values={},
        )
        if find:
            answer = await Visit(self, pages).ask(Ask(method="POST", path="/pro/patient", form=(("ins", find),)))
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


class Visit:
    """One reader going everywhere once: every route of their door, then every link of what they were shown."""

    def __init__(self, worlds: Worlds, reader: Reader) -> None:
        self._worlds, self._reader = worlds, reader
        self._answers: dict[str, Answer] = {}
        self._csrf = ""

    async def everything(self) -> dict[str, Answer]:
        """Return every answer by request. Reading comes first: what is changed later cannot disturb it."""
        await self._read([ask for ask in self._routes() if ask.method in {"GET", "HEAD"}])
        for ask in self._routes():
            if ask.method not in {"GET", "HEAD"}:
                await self._keep(ask)
        return self._answers

    async def ask(self, ask: Ask) -> Answer:
        """Send one request and return all there is to observe."""
        transport = httpx.ASGITransport(app=self._worlds.app)
        with capture_logs() as logs:
            async with httpx.AsyncClient(transport=transport, base_url=SITE, headers=self._reader.headers) as client:
                if ask.form is not None:
                    data = {"_csrf_token": await self._form_token(client)} | dict(ask.form)
                    answer = await client.request(ask.method, ask.path, data=data)
                else:
                    headers = {"content-type": "application/fhir+json"} if ask.body else {}
                    answer = await client.request(ask.method, ask.path, content=ask.body, headers=headers)
        lines = [{key: value for key, value in line.items() if key not in {"ms", "request"}} for line in logs]
        return Answer(answer.status_code, tuple(answer.headers.raw), answer.content, tuple(map(str, lines)))

    async def _form_token(self, client: httpx.AsyncClient) -> str:
        if not self._csrf:
            home = {Audience.PERSON: "/reglages", Audience.PROFESSIONAL: "/pro/patient"}[self._reader.audience]
            found = _CSRF.search((await client.get(home)).text)
            assert found, "the reader is not signed in"
            self._csrf = found[1]
        return self._csrf

    async def _read(self, first: list[Ask]) -> None:
        queue, followed = deque(first), 0
        while queue:
            ask = queue.popleft()
            answer = await self._keep(ask)
            if answer is None or answer.status != 200:
                continue
            for path in _links(answer.body):
                if followed < MOST_LINKS and self._mine(path) and _key(Ask(path=path)) not in self._answers:
                    followed += 1
                    queue.append(Ask(path=path))

    async def _keep(self, ask: Ask) -> Answer | None:
        key = _key(ask)
        if key in self._answers:
            return None
        self._answers[key] = answer = await self.ask(ask)
        return answer

    def _mine(self, path: str) -> bool:
        return path.startswith(self._reader.prefixes) and not path.startswith(("/static", "/fhir/openapi"))

    def _routes(self) -> Iterator[Ask]:
        """Every request the route table offers this reader; POSTs that end the session come last."""
        asked = [
            (path, method)
            for path, method, who in self._worlds.routes
            if path.startswith(self._reader.prefixes) and self._reader.audience in who
        ]
        for path, method in sorted(asked, key=lambda one: "deconnexion" in one[0]):
            for filled in self._filled(path):
                yield from self._variants(path, method, filled)

    def _variants(self, path: str, method: str, filled: str) -> Iterator[Ask]:
        if method in {"GET", "HEAD"}:
            for query in ("", *self._reader.queries.get(path, ())):
                yield Ask(method=method, path=filled + query)
        elif self._reader.prefixes == ("/fhir",):
            for body in self._reader.bodies.get((method, path), (b"{}",)):
                yield Ask(method=method, path=filled, body=None if method == "DELETE" else body)
        else:
            yield Ask(method=method, path=filled, form=self._offered(filled))

    def _offered(self, path: str) -> tuple[tuple[str, str], ...]:
        """The fields of the form that the page of the same address shows, as it shows them."""
        page = self._answers.get(_key(Ask(path=path)))
        fields = _FIELD.findall(page.body.decode(errors="replace")) if page else []
        named = [(_NAME.search(tag), _VALUE.search(tag)) for tag in fields]
        return tuple((name[1], unescape(value[1]) if value else "x") for name, value in named if name)

    def _filled(self, path: str) -> list[str]:
        names = _PARAMETER.findall(path)
        if unknown := [name for name in names if name not in self._reader.values]:
            raise UnknownParameterError(f"{path}: what may {unknown} stand for? Teach the harness (Reader.values).")
        choices = itertools.product(*(self._reader.values[name] for name in names))
        return [_fill(path, dict(zip(names, chosen, strict=True))) for chosen in choices]


def _fill(path: str, values: dict[str, str]) -> str:
    return _PARAMETER.sub(lambda found: values[found[1]], path)


def _links(body: bytes) -> list[str]:
    text = body.decode(errors="replace")
    return [unescape(one) for one in (*_LINK.findall(text), *_NEXT.findall(text))]


def _key(ask: Ask) -> str:
    """The name of a request that is the same in every world."""
    sent = hashlib.sha256(ask.body).hexdigest()[:8] if ask.body else "nothing"
    return f"{ask.method} {_lengths(ask.path.encode()).decode()} with {sent}"


def _lengths(text: bytes) -> bytes:
    """Put in the place of everything sealed its length; ids in hexadecimal stay."""
    return _SEALED.sub(lambda found: found[0] if _HEXADECIMAL.fullmatch(found[0]) else b"<%d>" % len(found[0]), text)


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
    headers = tuple((name, _lengths(value)) for name, value in answer.headers)
    return answer.status, headers, _lengths(answer.body), answer.logs


def differences(one: Seen, other: Seen) -> list[str]:
    """Say where two worlds can be told apart; the beginning of each difference is shown."""
    found = [f"{key}: asked in one world only" for key in sorted(one.answers.keys() ^ other.answers.keys())]
    for key in sorted(one.answers.keys() & other.answers.keys()):
        for what, mine, theirs in zip(
            ("status", "headers", "body", "logs"),
            *map(_comparable, (one.answers[key], other.answers[key])),
            strict=True,
        ):
            if mine != theirs:
                found.append(f"{key}: {what}: {_first_difference(mine, theirs)}")
    if one.mails != other.mails:
        found.append(f"e-mails: {len(one.mails)} and {len(other.mails)}")
    return found


def _first_difference(mine: object, theirs: object) -> str:
    left, right = (str(one) for one in (mine, theirs))
    place = next((at for at, pair in enumerate(zip(left, right, strict=False)) if pair[0] != pair[1]), 0)
    return f"…{left[max(0, place - 80) : place + 120]!r} / …{right[max(0, place - 80) : place + 120]!r}"
