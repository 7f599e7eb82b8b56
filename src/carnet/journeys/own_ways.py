"""Signing in with a way of one's own: a passkey, or a password and a code of the moment; making one; proving again.

Crosses identity (keys, passwords, sessions) and spaces (activation, whose space). What a browser was asked is kept for
ten minutes as a departure to an identity provider is, and answers once. It ignores cookies and pages.
"""

import asyncio
import base64
import hmac
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from carnet.identity.api import (
    ISSUER,
    LOGIN_TAKEN,
    USED_BEFORE,
    Added,
    Attempt,
    CodeFor,
    Door,
    KnownPasskey,
    Login,
    NewPassword,
    Patience,
    RelyingSite,
    SessionLimits,
    SignedIn,
    add_passkey,
    add_passkey_in,
    ask_new,
    ask_proof,
    check_proof,
    credential_of,
    device_label,
    digest_of,
    find_passkey,
    find_password,
    find_session,
    former_hashes,
    hash_password,
    is_login_taken,
    is_password,
    keep_attempt,
    known_passkeys,
    make_code_of_the_moment,
    note_password,
    pending_code,
    refuse_sign_in,
    set_password,
    set_password_in,
    sign_in,
    space_of_account,
    spend_code_of_the_moment,
    take_attempt,
    take_new,
    use_passkey,
)
from carnet.infra import randomness
from carnet.infra.db import Work
from carnet.journeys.acting import stay_there
from carnet.journeys.code_post import CodePost
from carnet.journeys.sign_in import EXPIRED, Arrival, local_path, open_space_of
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.decisions import Reason
from carnet.kernel.errors import Invalid, Problem
from carnet.kernel.ids import SpaceId
from carnet.spaces.api import Pass, activate_enrolled

NOT_YOURS = Problem(
    code="login-not-recognised",
    fr="Cet identifiant et ce mot de passe ne sont pas reconnus, ou doivent attendre un quart d'heure.",
    en="This login and password are not recognised, or have to wait a quarter of an hour.",
    path="mot_de_passe",
)
KEY_UNKNOWN = Problem(
    code="passkey-unknown",
    fr="Cette clé d'accès n'ouvre aucun espace ici, ou pas encore.",
    en="This passkey opens no space here, or not yet.",
)
WAIT = Problem(
    code="too-many-tries",
    fr="Trop d'essais. Attendez quelques minutes, puis recommencez.",
    en="Too many tries. Please wait a few minutes, then start again.",
)
SOMEBODY = Actor(kind=ActorKind.PERSON, identifier="without-account", name="")
_PROVE, _MAKE = "passkey-proof", "passkey-new"


class KeyQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """What a page's script is given. options: JSON of WebAuthn; state: to bring back; browser: for the cookie."""

    options: str
    state: str
    browser: str


class KeyAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What the script brought back. browser: the cookie's secret."""

    state: str
    answer: str
    browser: str | None


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """The request somebody signs in with. token: the session cookie it came with, which ends; source: its address."""

    token: str | None
    user_agent: str
    source: str
    language: str
    at: datetime

    @property
    def device(self) -> str:
        """What kind of device this is, in words."""
        return device_label(self.user_agent)


class OwnWays:
    """The ways of one's own at the portal. site None: an address browsers make no passkeys for."""

    def __init__(self, *, limits: SessionLimits, site: RelyingSite | None, post: CodePost) -> None:
        self.limits = limits
        self.site = site
        self._post = post
        self._failures = Patience(purpose="own-ways", most=20, within=timedelta(minutes=10))

    async def ask_key(
        self, *, browser: str | None, return_to: str, renews: SignedIn | None = None, at: datetime
    ) -> KeyQuestion:
        """Return the question to a browser that signs in. renews: the session that needs a fresh proof."""
        known = (
            await known_passkeys(space=renews.session.holder.space) if renews and renews.session.holder.space else ()
        )
        step_up = str(renews.session.public_id) if renews else None
        site, challenge = self._site(), randomness.token_bytes(32)
        options = ask_proof(site, challenge=challenge, known=known)
        return await self._ask(_PROVE, options, challenge, browser=browser, return_to=return_to, step_up=step_up, at=at)

    async def take_key(self, given: KeyAnswer, visit: Visit) -> Arrival:
        """Return the session a passkey opens. Raises Invalid, one answer for a key unknown, waiting or not genuine."""
        await self._check_patience(visit)
        try:
            attempt, challenge = await self._asked(_PROVE, given, at=visit.at)
            key = await _key_of(given.answer, at=visit.at)
            signatures = check_proof(
                self._site(), given.answer, challenge=challenge, public_key=key.public_key, signatures=key.signatures
            )
        except Invalid:
            await self._failures.failed(visit.source, at=visit.at)
            await refuse_sign_in(actor=SOMEBODY, door=Door.PORTAL, reason=Reason.CODE_WRONG, why="passkey", at=visit.at)
            raise
        actor = await _actor(key.space)
        if not await use_passkey(actor=actor, key=key, signatures=signatures, at=visit.at):
            raise Invalid(KEY_UNKNOWN)
        renewed = await self._renewed(attempt.step_up, key.space, visit)
        token = await self._session(actor, key.account, visit, acr=_PROVE, renewed=renewed)
        return Arrival(token=token, return_to=attempt.return_to, actor=actor)

    async def ask_new_key(self, *, browser: str | None, name: str, space: SpaceId | None, at: datetime) -> KeyQuestion:
        """Return the question to a browser that makes a key. space: None before it is open."""
        site, challenge = self._site(), randomness.token_bytes(32)
        known = await known_passkeys(space=space) if space else ()
        options = ask_new(site, handle=randomness.token_bytes(32), name=name, challenge=challenge, known=known)
        return await self._ask(_MAKE, options, challenge, browser=browser, return_to="/", step_up=None, at=at)

    async def activate_with_key(self, shown: Pass, given: KeyAnswer, label: str, visit: Visit) -> Arrival:
        """Open the space of a pass, keep the key just made, sign in. Raises Invalid; nothing is kept then."""
        _, challenge = await self._asked(_MAKE, given, at=visit.at)
        key = take_new(self._site(), given.answer, challenge=challenge)

        async def keep(w: Work, holder: Actor) -> Added:
            return await add_passkey_in(w, actor=holder, passkey=key, label=label, account=None, known=True)

        actor, added = await _activate(shown, keep, at=visit.at)
        token = await self._session(actor, added.account, visit, acr=_PROVE)
        return Arrival(token=token, return_to="/bienvenue", actor=actor)

    async def add_key(self, who: SignedIn, given: KeyAnswer, label: str, *, at: datetime) -> Added:
        """Keep another key of somebody signed in. Raises Invalid or Conflict."""
        _, challenge = await self._asked(_MAKE, given, at=at)
        key = take_new(self._site(), given.answer, challenge=challenge)
        known = began_with_own_way(who)
        return await add_passkey(
            actor=who.session.holder, passkey=key, label=label, account=who.session.account, known=known, at=at
        )

    async def begin_password(
        self, *, login: str, password: str, return_to: str, renews: SignedIn | None = None, visit: Visit
    ) -> str:
        """Check a password and send the code; return the secret of the attempt. Raises Invalid or Unavailable."""
        await self._check_patience(visit)
        known = await find_password(login, at=visit.at)
        right = await asyncio.to_thread(is_password, known.kept.hashed if known else None, password)
        if known is None or not right or not known.usable:
            await self._failures.failed(visit.source, at=visit.at)
            if known is not None and not right:
                await note_password(actor=await _actor(known.space), account=known.account, right=False, at=visit.at)
            raise Invalid(NOT_YOURS)
        purpose = CodeFor(
            channel=known.kept.channel,
            to=known.kept.to,
            account=known.account,
            step_up=str(renews.session.public_id) if renews else None,
            return_to=local_path(return_to),
        )
        return await self._send(purpose, randomness.token_urlsafe(32), visit)

    async def begin_new_password(self, new: NewPassword, *, asker: str, return_to: str, visit: Visit) -> str:
        """Send a code to where later ones will go: only then is the password kept. Returns the attempt's secret.

        asker: digest or id of who asks: so many an hour each, and to each place. Raises Invalid or Unavailable.
        """
        purpose = CodeFor(channel=new.channel, to=new.to, new=new, asker=asker, return_to=local_path(return_to))
        return await self._send(purpose, randomness.token_urlsafe(32), visit)

    async def send_again(self, attempt: str, visit: Visit) -> None:
        """Send another code, half a minute after the last at the soonest. Raises Invalid or Unavailable."""
        purpose = await pending_code(attempt=attempt, at=visit.at)
        if purpose is None:
            raise Invalid(EXPIRED)
        await self._send(purpose, attempt, visit)

    async def take_code(self, attempt: str, code: str, visit: Visit) -> Arrival:
        """Return the session a password and its code open. Raises Invalid."""
        purpose = await spend_code_of_the_moment(actor=SOMEBODY, attempt=attempt, code=code, at=visit.at)
        known = await space_of_account(purpose.account) if purpose.account else None
        if known is None or purpose.account is None:
            raise Invalid(NOT_YOURS)
        actor = await _actor(known)
        await note_password(actor=actor, account=purpose.account, right=True, at=visit.at)
        renewed = await self._renewed(purpose.step_up, known, visit)
        token = await self._session(actor, purpose.account, visit, acr="password-code", renewed=renewed)
        return Arrival(token=token, return_to=purpose.return_to, actor=actor)

    async def activate_with_password(self, shown: Pass, attempt: str, code: str, visit: Visit) -> Arrival:
        """Open the space of a pass once the code came back, keep the password, sign in. Raises Invalid."""
        purpose = await spend_code_of_the_moment(actor=SOMEBODY, attempt=attempt, code=code, at=visit.at)
        if purpose.new is None:
            raise Invalid(EXPIRED)
        if await is_login_taken(purpose.new.login, account=None):  # before anything opens: nobody is left outside
            raise Invalid(LOGIN_TAKEN)
        new = purpose.new

        async def keep(w: Work, holder: Actor) -> Added:
            return await set_password_in(w, actor=holder, new=new, account=None, known=True)

        actor, added = await _activate(shown, keep, at=visit.at)
        token = await self._session(actor, added.account, visit, acr="password-code")
        return Arrival(token=token, return_to="/bienvenue", actor=actor)

    async def keep_password(self, who: SignedIn, attempt: str, code: str, *, at: datetime) -> Added:
        """Keep the password of somebody signed in once the code came back. Raises Invalid or Conflict."""
        purpose = await spend_code_of_the_moment(actor=who.session.holder, attempt=attempt, code=code, at=at)
        if purpose.new is None:
            raise Invalid(EXPIRED)
        known = began_with_own_way(who)
        return await set_password(
            actor=who.session.holder, new=purpose.new, account=who.session.account, known=known, at=at
        )

    def _site(self) -> RelyingSite:
        if self.site is None:
            raise Invalid(KEY_UNKNOWN)
        return self.site

    async def _check_patience(self, visit: Visit) -> None:
        if await self._failures.wait(visit.source, at=visit.at):
            raise Invalid(WAIT)

    async def _ask(
        self,
        what: str,
        options: str,
        challenge: bytes,
        *,
        browser: str | None,
        return_to: str,
        step_up: str | None,
        at: datetime,
    ) -> KeyQuestion:
        secret, state = browser or randomness.token_urlsafe(32), randomness.token_urlsafe(32)
        attempt = Attempt(
            door=Door.PORTAL,
            nonce=base64.b64encode(challenge).decode(),
            verifier=what,
            browser=digest_of(secret).hex(),
            return_to=local_path(return_to),
            started_at=at,
            step_up=step_up,
        )
        await keep_attempt(state=state, attempt=attempt, at=at)
        return KeyQuestion(options=options, state=state, browser=secret)

    async def _asked(self, what: str, given: KeyAnswer, *, at: datetime) -> tuple[Attempt, bytes]:
        attempt = await take_attempt(state=given.state, at=at) if given.state else None
        if attempt is None or attempt.verifier != what or given.browser is None:
            raise Invalid(EXPIRED)
        if not hmac.compare_digest(digest_of(given.browser).hex(), attempt.browser):
            raise Invalid(EXPIRED)
        return attempt, base64.b64decode(attempt.nonce)

    async def _send(self, purpose: CodeFor, attempt: str, visit: Visit) -> str:
        code = await make_code_of_the_moment(actor=SOMEBODY, attempt=attempt, purpose=purpose, at=visit.at)
        await self._post.send(channel=purpose.channel, to=purpose.to, code=code, language=visit.language, at=visit.at)
        return attempt

    async def _renewed(self, step_up: str | None, space: SpaceId, visit: Visit) -> SignedIn | None:
        """Return what a fresh proof renews: the very session that asked for it, and only its person's."""
        if step_up is None:
            return None
        held = (
            await find_session(token=visit.token, door=Door.PORTAL, limits=self.limits, at=visit.at)
            if visit.token
            else None
        )
        if held is None or str(held.session.public_id) != step_up or held.session.holder.space != space:
            raise Invalid(EXPIRED)
        return held

    async def _session(
        self, actor: Actor, account: UUID, visit: Visit, *, acr: str, renewed: SignedIn | None = None
    ) -> str:
        login = Login(
            door=Door.PORTAL,
            issuer=ISSUER,
            subject="",
            id_token="",
            acr=acr,
            authenticated_at=visit.at,
            device=device_label(visit.user_agent),
            step_up=renewed is not None,
            account=account,
        )
        new = await sign_in(actor=actor, login=login, limits=self.limits, replaces=visit.token, at=visit.at)
        await stay_there(renewed=renewed, session=UUID(new.actor.session or ""), at=visit.at)
        return new.token


def began_with_own_way(who: SignedIn) -> bool:
    """Tell whether a session was begun, or renewed, with one of the person's own ways: no provider vouched for it."""
    return not who.session.id_token


async def hashed_password(password: str, *, account: UUID | None) -> str:
    """Return the hash of a password that was checked. Raises Invalid when the account had it before."""
    for one in await former_hashes(account=account) if account else ():
        if await asyncio.to_thread(is_password, one, password):
            raise Invalid(USED_BEFORE)
    return await asyncio.to_thread(hash_password, password)


async def _key_of(answer: str, *, at: datetime) -> KnownPasskey:
    key = await find_passkey(credential_of(answer), at=at)
    if key is None:
        raise Invalid(KEY_UNKNOWN)
    return key


async def _activate(
    shown: Pass, keep: Callable[[Work, Actor], Awaitable[Added]], *, at: datetime
) -> tuple[Actor, Added]:
    """Open the space of a pass and keep a way into it, both or neither; return its holder and the account."""
    kept: list[tuple[Actor, Added]] = []

    async def way(w: Work, holder: Actor) -> None:
        kept.append((holder, await keep(w, holder)))

    await activate_enrolled(actor=SOMEBODY, shown=shown, way=way, at=at)
    return kept[0]


async def _actor(space: SpaceId) -> Actor:
    found = await open_space_of(space)
    if found is None:
        raise Invalid(KEY_UNKNOWN)
    return Actor(kind=ActorKind.PERSON, identifier="", name=found[0], space=space, strong=True)
