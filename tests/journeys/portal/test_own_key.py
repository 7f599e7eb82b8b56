"""A passkey in a real browser, with Chromium's virtual authenticator: made to open a space, used to come back, lost."""

import asyncio
import contextlib
import datetime as dt
import itertools

import pytest
from granian.constants import Interfaces
from granian.server.embed import Server
from litestar import Litestar

from carnet.config.static import static
from carnet.identity.api import Door, Login, SessionLimits, relying_site, sign_in
from carnet.infra import clock
from carnet.infra.db import work
from carnet.infra.sms import FolderSms
from carnet.infra.web.envelope import Envelope, Limits
from carnet.interfaces.portal.door import portal_router
from carnet.interfaces.portal.setting import Portal
from carnet.journeys.api import CodePost, OwnWays, WebDoor
from carnet.spaces.api import find_space, keys_in, open_contact
from factories.beneficiaries import line
from factories.chromium import PATIENCE
from factories.enrolled import enrolled, ins_of
from factories.served import free_port, until_open
from factories.world import make_person

_numbers = itertools.count(90_001, 6)


class Cards:
    async def holds(self, ins, serial):
        return serial == ins.matricule[-11:]


@pytest.fixture(scope="module")
async def named_site(house):
    """The portal under a name: browsers make no keys for an address in figures."""
    port = free_port()
    base = f"http://localhost:{port}"
    limits = SessionLimits()
    web = WebDoor(door=Door.PORTAL, base_url=base, limits=limits, host_prefix=False)
    post = CodePost(mail=None, sms=FolderSms(house.home / "sms"))
    ways = OwnWays(limits=limits, site=relying_site(base), post=post)
    app = Litestar(
        [static, portal_router(Portal(web=web, ways=ways, cards=Cards()), None)],
        openapi_config=None,
        logging_config=None,
    )
    server = Server(Envelope(app, limits=Limits()), "127.0.0.1", port, interface=Interfaces.ASGI, log_enabled=False)
    serving = asyncio.create_task(server.serve())
    await until_open(port)
    yield base, web
    server.stop()
    with contextlib.suppress(asyncio.CancelledError, TimeoutError):
        await asyncio.wait_for(serving, 10)


@pytest.fixture
async def device(named_site, chromium):
    """A browser with a device that holds keys, and the page to look at."""
    base, _ = named_site
    context = await chromium.new_context(locale="fr-FR", base_url=base, viewport={"width": 390, "height": 844})
    context.set_default_timeout(PATIENCE)
    page = await context.new_page()
    keys = await context.new_cdp_session(page)
    await keys.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    added = await keys.send(
        "WebAuthn.addVirtualAuthenticator",
        {"options": options | {"isUserVerified": True, "automaticPresenceSimulation": True}},
    )
    page.authenticator, page.keys = added["authenticatorId"], keys
    yield page
    await context.close()


async def open_with_key(page, code, number):
    born = "/".join(reversed(line(number).split(";")[5].split("-")))
    await page.goto("/activation")
    await page.get_by_label("Votre code").fill(code)
    await page.get_by_label("Date de naissance").fill(born)
    await page.get_by_label("Numéro de la carte Vitale").fill(ins_of(number).matricule[-11:])
    await page.get_by_role("button", name="Continuer").click()
    section = page.locator("section", has_text="Revenir avec votre téléphone")
    await section.get_by_label("J'accepte ces conditions").check()
    await section.get_by_role("button", name="Créer ma clé d'accès").click()
    await page.wait_for_url("**/bienvenue")


async def test_from_the_letter_to_an_open_space_and_back_in_with_neither_email_nor_phone(house, device, named_site):
    """The insurer knows an address by post and nothing else; no message goes anywhere on the whole way."""
    number, sent = next(_numbers), len(list((house.home / "sms").glob("*")))
    told = await enrolled(house, number, email="", telephone="")
    await open_with_key(device, told[number], number)
    space = await find_space(ins_of(number))
    async with work(space=space, at=clock.now()) as w:
        reached, keys = await w.row("SELECT contact_enc FROM space"), await keys_in(w)
        [state] = await w.row("SELECT state FROM authz")
    contact = open_contact(reached[0], keys=keys, space=space)
    assert (state in {"OPEN", "ACTIVE"}, contact.email, contact.apart) == (True, None, None)
    assert len(list((house.home / "sms").glob("*"))) == sent
    kept = await device.keys.send("WebAuthn.getCredentials", {"authenticatorId": device.authenticator})
    assert [one["rpId"] for one in kept["credentials"]] == ["localhost"]
    await device.get_by_role("button", name="Laisser comme c'est").click()
    await device.wait_for_url("**/accueil")
    # out, and in again with the key
    await device.context.clear_cookies()
    await device.goto("/connexion/autrement?retour=/reglages/connexion")
    await device.get_by_role("button", name="Utiliser ma clé d'accès").click()
    await device.get_by_text("Utilisé le").wait_for()
    # a proof of an hour ago is not enough to touch the ways in; the key renews it
    with clock.frozen(clock.now() + dt.timedelta(minutes=6)):
        await device.get_by_role("button", name="Retirer").click()
        await device.wait_for_url("**/confirmer-identite?**")
        await device.get_by_role("link", name="Avec ma clé d'accès").click()
        await device.get_by_role("button", name="Utiliser ma clé d'accès").click()
        await device.get_by_role("button", name="Retirer").click()
        await device.get_by_text("Ce moyen de connexion est retiré").wait_for()
    # the key is void now, although the device still has it
    await device.context.clear_cookies()
    await device.goto("/connexion/autrement")
    await device.get_by_role("button", name="Utiliser ma clé d'accès").click()
    await device.get_by_text("n'ouvre aucun espace ici").first.wait_for()


async def test_an_answer_works_once(house, device, named_site):
    number = next(_numbers)
    await open_with_key(device, (await enrolled(house, number))[number], number)
    await device.context.clear_cookies()
    posted = []
    device.on("request", lambda one: posted.append(one) if one.url.endswith("/connexion/cle") else None)
    await device.goto("/connexion/autrement")
    await device.get_by_role("button", name="Utiliser ma clé d'accès").click()
    await device.wait_for_url("**/accueil**")
    again = await device.context.request.post(
        "/connexion/cle",
        headers={"content-type": "application/x-www-form-urlencoded"},
        data=posted[0].post_data,
        max_redirects=0,
    )
    assert again.status in {400, 403}


async def test_a_way_added_with_another_proof_waits_and_is_told(house, device, named_site):
    base, web = named_site
    someone = await make_person(at=clock.now() - dt.timedelta(days=1))
    at = clock.now()
    login = Login(
        door=Door.PORTAL,
        issuer="https://fc.test",
        subject=f"own-{someone.space}",
        id_token="from the provider",
        acr="eidas2",
        authenticated_at=at,
        device="Chromium",
    )
    new = await sign_in(actor=someone.actor, login=login, limits=web.limits, replaces=None, at=at)
    cookie = {"name": web.session_cookie, "value": new.token, "url": base, "httpOnly": True}
    await device.context.add_cookies([cookie])
    await device.goto("/reglages/connexion")
    await device.get_by_role("button", name="Créer une clé d'accès").click()
    await device.get_by_text("Vous pouvez l'utiliser dès maintenant").wait_for()  # the first: as strong as the opening
    await device.keys.send("WebAuthn.clearCredentials", {"authenticatorId": device.authenticator})
    await device.get_by_role("button", name="Retirer").click()  # taken away with the provider's proof…
    await device.get_by_text("Ce moyen de connexion est retiré").wait_for()
    await device.get_by_role("button", name="Créer une clé d'accès").click()
    await device.get_by_text("il servira dans trois jours").wait_for()  # … the next one waits all the same
    await device.context.clear_cookies()
    await device.goto("/connexion/autrement")
    await device.get_by_role("button", name="Utiliser ma clé d'accès").click()
    await device.get_by_text("n'ouvre aucun espace ici").first.wait_for()
    with clock.frozen(clock.now() + dt.timedelta(hours=73)):
        await device.get_by_role("button", name="Utiliser ma clé d'accès").click()
        await device.wait_for_url("**/accueil**")
