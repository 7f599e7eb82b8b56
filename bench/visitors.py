"""Who knocks: a software with a token of the real endpoint, a professional with a token of the house, people signed in.

The professional's token is signed with the house's own key instead of being exchanged for one of Pro Santé Connect: no
identity provider runs here. The server verifies it like any other.
"""

from datetime import timedelta

import httpx
import msgspec
from joserfc.jwk import ECKey

from bench.house import House
from bench.population import CLIENT, Someone, doctor
from carnet.config.connect import open_kek
from carnet.identity.api import Door, Login, SessionLimits, sign_in
from carnet.infra import clock
from carnet.interfaces.oauth.access_tokens import issue
from carnet.interfaces.oauth.keys import TokenKeys
from carnet.interfaces.oauth.settings import OauthSettings
from carnet.sandbox.send.credentials import Client, TokenPurse

READING = frozenset({"user/*.cruds"})


def new_key() -> ECKey:
    """The software's signing key."""
    return ECKey.generate_key("P-384", {"kid": "bench", "use": "sig"}, private=True)


async def software_token(house: House, key: ECKey) -> str:
    """Ask the real endpoint, with a real assertion."""
    client = Client(
        client_id=CLIENT,
        key=key,
        token_endpoint=f"{house.base_url}/oauth/token",
        scope="system/DocumentReference.cruds",
    )
    async with httpx.AsyncClient(trust_env=False) as http:
        return await TokenPurse(http, client).token()


def doctor_token(house: House) -> str:
    """A token for the professional, as an exchange would have given."""
    settings = house.settings
    oauth = OauthSettings(base_url=settings.base_url, fhir_base=f"{settings.base_url}/fhir")
    keys = TokenKeys.load_or_create(settings.home / "keys" / "tokens.key", kek=open_kek(settings))
    life = msgspec.structs.replace(oauth, token_life=timedelta(minutes=settings.token_minutes))
    return issue(doctor(), scopes=READING, settings=life, keys=keys, at=clock.now())


async def session_cookie(person: Someone, *, number: int) -> str:
    """Sign somebody in at the portal and return their cookie."""
    at = clock.now()
    login = Login(
        door=Door.PORTAL,
        issuer="https://bench.invalid",
        subject=f"person-{number}",
        id_token="none",
        acr="eidas1",
        authenticated_at=at,
        device="bench",
    )
    opened = await sign_in(actor=person.actor, login=login, limits=SessionLimits(), replaces=None, at=at)
    return f"__Host-carnet={opened.token}"
