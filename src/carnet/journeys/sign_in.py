"""From "sign in" to a session: leave for the identity provider, come back, be recognised, or be told why not.

Crosses identity (provider, accounts, sessions) and spaces (whose space is this, its first opening). One `SignIn` serves
one door with one provider, so an answer can never be taken for another provider's. It ignores cookies and pages.
"""

import hmac
import re
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

import msgspec

from carnet.access.api import OPEN_STATES
from carnet.identity.api import (
    AgentRefused,
    Attempt,
    Door,
    Ins,
    InsService,
    Login,
    NotRecognised,
    Proof,
    RelyingParty,
    SessionLimits,
    SignedIn,
    device_label,
    digest_of,
    find_account,
    find_session,
    keep_attempt,
    read_pivot,
    recognise_agent,
    recognise_professional,
    refuse_sign_in,
    sign_in,
    sign_out,
    take_attempt,
)
from carnet.infra import randomness
from carnet.infra.db import rows_in_one_trip
from carnet.infra.signed_tokens import TokenRefused
from carnet.journeys.acting import stay_there
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.decisions import SENTENCES, Reason
from carnet.kernel.errors import Invalid, Problem, Refused, Unavailable
from carnet.kernel.ids import SpaceId
from carnet.spaces.api import (
    Pass,
    activate_space,
    find_space,
    keyset_statement,
    open_keys,
    person_statement,
    prove_by_identity,
    to_view,
)

NOT_TOLD = timedelta(days=1)
_LEFT_STATES = frozenset({"SUSPENDED", "CLOSED", "DELETION_REQUESTED"})
"""Their holder signs in to come back, or to follow the erasure: every page of the space itself stays closed."""
_KINDS = {Door.PORTAL: ActorKind.PERSON, Door.PRO: ActorKind.PROFESSIONAL, Door.DESK: ActorKind.AGENT}
_LOCAL_PATH = re.compile(r"/(?![/\\])[^\s\\\x00-\x1f\x7f]{0,2047}")
EXPIRED = Problem(
    "sign-in-expired",
    "La connexion a pris trop de temps ou a été commencée dans une autre fenêtre. Recommencez.",
    "Signing in took too long or was begun in another window. Please start again.",
)
CANCELLED = Problem("sign-in-cancelled", "Vous avez interrompu la connexion.", "You interrupted the sign-in.")
FAILED = Problem("sign-in-failed", "La connexion n'a pas abouti. Recommencez.", "Sign-in failed. Please start again.")
NO_SPACE = Problem(
    "no-space",
    "Aucun espace n'est ouvert à ce nom. Si cela vous étonne, contactez le service d'aide.",
    "No space is open under this name. If this surprises you, please contact the help desk.",
)


NOT_KNOWN = Problem(
    "not-known-yet",
    "Aucun espace n'est prévu à votre nom : rien ne s'ouvrira sans que vous soyez prévenu avant.",
    "No space is planned under your name: nothing will open before you are told.",
)
NOT_OPEN_YET = "/activation/ouvrir"
"""Where somebody goes whose identity is proved and whose space is not open yet."""
_VISITOR = Actor(kind=ActorKind.PERSON, identifier="without-account", name="")


class Trouble(StrEnum):
    """Why nobody was signed in, as the sign-in page names it."""

    CANCELLED = "cancelled"
    EXPIRED = "expired"
    NO_SPACE = "no_space"
    NOT_RECOGNISED = "not_recognised"
    FAILED = "failed"


class SignInFailed(Refused):
    """Nobody was signed in; the problem says why in words, `trouble` which page to show."""

    def __init__(self, trouble: Trouble, *problems: Problem) -> None:
        super().__init__(*problems)
        self.trouble = trouble


class Departure(msgspec.Struct, frozen=True, kw_only=True):
    """Where to send the browser, and the secret it must bring back (a cookie)."""

    url: str
    browser: str


class ProviderAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The query of the return address (OpenID Connect Core §3.1.2.5)."""

    state: str = ""
    code: str = ""
    iss: str = ""
    error: str = ""


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """A session began: the cookie's token and the local path to go to. Or none did (no token), and `shown` says whose
    space is not open yet: they may say yes or no.
    """

    token: str
    return_to: str
    actor: Actor
    shown: Pass | None = None


class _NotOpenYet(Exception):
    def __init__(self, shown: Pass) -> None:
        super().__init__()
        self.shown = shown


class SignIn:
    """Signing in at one door. `ins` is needed at the portal only."""

    def __init__(
        self, *, door: Door, provider: RelyingParty, limits: SessionLimits, ins: InsService | None = None
    ) -> None:
        if (door is Door.PORTAL) != (ins is not None):
            raise ValueError("the portal, and only the portal, needs the INS service")
        self.door = door
        self.provider = provider
        self.limits = limits
        self._ins = ins

    async def start(
        self,
        *,
        return_to: str,
        browser: str | None,
        at: datetime,
        renews: SignedIn | None = None,
        only_proves: bool = False,
    ) -> Departure:
        """Return where to send the browser. browser: the secret it already holds from another tab, if any.

        renews: the session that needs a fresh proof before a weighty act; only_proves: somebody who wants no space
        proves who they are, and no session begins. Raises Unavailable (provider down).
        """
        secret = browser or randomness.token_urlsafe(32)
        state, nonce, verifier = (randomness.token_urlsafe(32) for _ in range(3))
        url = await self.provider.authorization_url(
            state=state, nonce=nonce, verifier=verifier, fresh=renews is not None
        )
        attempt = Attempt(
            door=self.door,
            nonce=nonce,
            verifier=verifier,
            browser=digest_of(secret).hex(),
            return_to=local_path(return_to),
            started_at=at,
            step_up=str(renews.session.public_id) if renews else None,
            only_proves=only_proves,
        )
        await keep_attempt(state=state, attempt=attempt, at=at)
        return Departure(url=url, browser=secret)

    async def finish(
        self,
        *,
        answer: ProviderAnswer,
        browser: str | None,
        token: str | None,
        user_agent: str,
        at: datetime,
    ) -> Arrival:
        """Return the new session, or the pass of somebody whose space is not open yet. token: the session cookie the
        browser came with, which ends here.

        Raises SignInFailed (with the reason) or Unavailable (provider or INS service down).
        """
        attempt = await self._attempt(answer, browser, at)
        renewed = await self._renewed(attempt, token, at)
        proof = await self._proof(answer, attempt, at)
        if attempt.only_proves:
            return Arrival(token="", return_to=attempt.return_to, actor=_VISITOR, shown=await self._visitor(proof, at))
        try:
            actor, first_time, agent = await self._recognise(proof, at)
        except _NotOpenYet as enrolled:
            return Arrival(token="", return_to=NOT_OPEN_YET, actor=_VISITOR, shown=enrolled.shown)
        if renewed is not None:
            await self._check_same_account(proof, renewed, at)
        login = Login(
            door=self.door,
            issuer=proof.issuer,
            subject=proof.subject,
            id_token=proof.id_token,
            acr=proof.acr,
            authenticated_at=min(proof.authenticated_at or at - NOT_TOLD, at),
            device=device_label(user_agent),
            step_up=renewed is not None,
            agent=agent,
        )
        try:
            new = await sign_in(actor=actor, login=login, limits=self.limits, replaces=token, at=at)
        except Refused as refusal:
            await refuse_sign_in(
                actor=_nameless(actor), door=self.door, reason=Reason.NOT_REGISTERED, why="linked-elsewhere", at=at
            )
            raise SignInFailed(Trouble.NOT_RECOGNISED, *refusal.problems) from refusal
        await stay_there(renewed=renewed, session=UUID(new.actor.session or ""), at=at)
        if first_time and actor.space is not None:
            await activate_space(actor=new.actor, space=actor.space, at=at)
        return Arrival(token=new.token, return_to=attempt.return_to, actor=new.actor)

    async def leave(self, *, signed_in: SignedIn, at: datetime) -> str | None:
        """End the session; return where the provider closes its own, None when it cannot be asked."""
        await sign_out(actor=signed_in.session.holder, session=signed_in.session, at=at)
        if not signed_in.session.id_token:
            return None  # begun with a way of their own: no provider holds a session
        try:
            return await self.provider.logout_url(
                id_token=signed_in.session.id_token, state=randomness.token_urlsafe(16)
            )
        except Unavailable:
            return None

    async def _attempt(self, answer: ProviderAnswer, browser: str | None, at: datetime) -> Attempt:
        attempt = await take_attempt(state=answer.state, at=at) if answer.state else None
        if attempt is None or attempt.door is not self.door or browser is None:
            raise SignInFailed(Trouble.EXPIRED, EXPIRED)
        if not hmac.compare_digest(digest_of(browser).hex(), attempt.browser):
            raise SignInFailed(Trouble.EXPIRED, EXPIRED)
        if answer.iss and answer.iss != self.provider.settings.issuer:
            raise SignInFailed(Trouble.FAILED, FAILED)
        if answer.error == "access_denied":
            raise SignInFailed(Trouble.CANCELLED, CANCELLED)
        if answer.error or not answer.code:
            raise SignInFailed(Trouble.FAILED, FAILED)
        return attempt

    async def _renewed(self, attempt: Attempt, token: str | None, at: datetime) -> SignedIn | None:
        """Return the session a step-up renews; the browser must still hold that very session."""
        if attempt.step_up is None:
            return None
        held = await find_session(token=token, door=self.door, limits=self.limits, at=at) if token else None
        if held is None or str(held.session.public_id) != attempt.step_up:
            raise SignInFailed(Trouble.EXPIRED, EXPIRED)
        return held

    async def _proof(self, answer: ProviderAnswer, attempt: Attempt, at: datetime) -> Proof:
        fresh_since = attempt.started_at if attempt.step_up else None
        try:
            return await self.provider.redeem(
                code=answer.code, verifier=attempt.verifier, nonce=attempt.nonce, at=at, fresh_since=fresh_since
            )
        except TokenRefused as refusal:
            await self._refuse(Reason.WEAK_AUTHENTICATION, refusal.why, at)
            raise SignInFailed(Trouble.FAILED, FAILED) from refusal

    async def _check_same_account(self, proof: Proof, renewed: SignedIn, at: datetime) -> None:
        account = await find_account(issuer=proof.issuer, subject=proof.subject)
        if account is None or account.account != renewed.session.account:
            await self._refuse(Reason.NOT_YOURS, "step-up-by-another", at, actor=renewed.session.holder)
            raise SignInFailed(Trouble.FAILED, FAILED)

    async def _recognise(self, proof: Proof, at: datetime) -> tuple[Actor, bool, UUID | None]:
        """Return who it is, whether their space awaits its first visit, and the row of an agent."""
        if self.door is Door.DESK:
            return await self._agent(proof, at)
        known = await (self._person(proof, at) if self.door is Door.PORTAL else self._professional(proof, at))
        return *known, None

    async def _agent(self, proof: Proof, at: datetime) -> tuple[Actor, bool, UUID | None]:
        try:
            known = await recognise_agent(
                issuer=proof.issuer, subject=proof.subject, claims=proof.claims, strong=proof.strong
            )
        except AgentRefused as refusal:
            await self._refuse(refusal.reason, refusal.problems[0].code, at)
            raise SignInFailed(Trouble.NOT_RECOGNISED, *refusal.problems) from refusal
        return known.actor, False, known.agent

    async def _professional(self, proof: Proof, at: datetime) -> tuple[Actor, bool]:
        try:
            return await recognise_professional(claims=proof.claims, strong=proof.strong), False
        except NotRecognised as refusal:
            who = Actor(kind=ActorKind.PROFESSIONAL, identifier=refusal.rpps, name="")
            await self._refuse(refusal.reason, refusal.problems[0].code, at, actor=who)
            raise SignInFailed(Trouble.NOT_RECOGNISED, *refusal.problems) from refusal
        except Invalid as refusal:
            await self._refuse(Reason.NOT_REGISTERED, refusal.problems[0].code, at)
            raise SignInFailed(Trouble.NOT_RECOGNISED, *refusal.problems) from refusal

    async def _person(self, proof: Proof, at: datetime) -> tuple[Actor, bool]:
        if not proof.strong:
            await self._refuse(Reason.WEAK_AUTHENTICATION, "acr", at)
            weak = Problem("weak-authentication", *SENTENCES[Reason.WEAK_AUTHENTICATION])
            raise SignInFailed(Trouble.FAILED, weak)
        account = await find_account(issuer=proof.issuer, subject=proof.subject)
        ins = None if account else await self._ins_of(proof, at)
        space = account.space if account else await find_space(ins) if ins else None
        if space is None and ins is not None:
            shown = await prove_by_identity(actor=_VISITOR, ins=ins, strong=True, at=at)
            if shown is not None:
                raise _NotOpenYet(shown)
        found = await open_space_of(space) if space else None
        if space is None or found is None:
            await self._refuse(Reason.SPACE_NOT_OPEN, "no-space", at)
            raise SignInFailed(Trouble.NO_SPACE, NO_SPACE)
        name, state = found
        actor = Actor(kind=ActorKind.PERSON, identifier="", name=name, space=space, strong=True)
        return actor, state == "OPEN"

    async def _visitor(self, proof: Proof, at: datetime) -> Pass:
        """Return the pass of somebody who only came to say no: a weaker level is enough for that."""
        shown = await prove_by_identity(actor=_VISITOR, ins=await self._ins_of(proof, at), strong=proof.strong, at=at)
        if shown is None:
            raise SignInFailed(Trouble.NO_SPACE, NOT_KNOWN)
        return shown

    async def _ins_of(self, proof: Proof, at: datetime) -> Ins:
        if self._ins is None:
            raise RuntimeError("this door signs no person in")
        try:
            return await self._ins.find(read_pivot(proof.claims))
        except Invalid as refusal:
            await self._refuse(Reason.SPACE_NOT_OPEN, refusal.problems[0].code, at)
            raise SignInFailed(Trouble.NO_SPACE, *refusal.problems) from refusal

    async def _refuse(self, reason: Reason, why: str, at: datetime, *, actor: Actor | None = None) -> None:
        kind = _KINDS[self.door]
        who = _nameless(actor) if actor else Actor(kind=kind, identifier="unknown", name="")
        await refuse_sign_in(actor=who, door=self.door, reason=reason, why=why, at=at)


def local_path(text: str, *, default: str = "/") -> str:
    """Return `text` when it is a path of this site, else `default`: nobody is sent elsewhere after signing in."""
    return text if _LOCAL_PATH.fullmatch(text) else default


async def open_space_of(space: SpaceId) -> tuple[str, str] | None:
    """Return the person's display name and the state of their space, None when nobody signs in to it."""
    rows = await rows_in_one_trip([person_statement(space), keyset_statement(space)], space=space)
    keys = await open_keys(rows[1], space=space)
    if not rows[0] or keys is None:
        return None
    view = to_view(rows[0][0], keys=keys, space=space)
    return (view.person.display_name, view.state) if view.state in OPEN_STATES | _LEFT_STATES else None


def _nameless(actor: Actor) -> Actor:
    """Return who to name in the security journal, which must not say whose space it was about."""
    if actor.kind is ActorKind.PERSON:
        return Actor(kind=ActorKind.PERSON, identifier=actor.identifier or "unknown", name="")
    return actor
