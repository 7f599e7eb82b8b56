"""A software is registered with keys it can really sign with and rights that exist, or not at all."""

import pytest

from carnet.identity.api import register_software, software
from carnet.infra.db import system_work
from carnet.kernel.errors import Invalid
from factories.tokens import ec_key, public, rsa_key
from factories.world import AT, OPERATOR, make_organisation


async def register(finess, jwks, scopes=("system/DocumentReference.c",)):
    await register_software(
        actor=OPERATOR, client_id=f"lps-{finess}", name="LPS", finess=finess, jwks=jwks, scopes=scopes, at=AT
    )
    async with system_work(at=AT) as w:
        return await software(w, f"lps-{finess}")


@pytest.mark.parametrize("key", [ec_key(), rsa_key()])
async def test_a_usable_key_is_kept(house, key):
    finess = await make_organisation()
    assert (await register(finess, public(key))).jwks == public(key)


BAD = {
    "a P-256 key": (public(ec_key("P-256")), "no-key"),
    "a short RSA key": (public(rsa_key(1024)), "no-key"),
    "a shared secret": ({"keys": [{"kty": "oct", "kid": "k"}]}, "no-key"),
    "no kid": ({"keys": [{n: v for n, v in public(ec_key())["keys"][0].items() if n != "kid"}]}, "no-key"),
    "nonsense": ({"keys": [{"kty": "EC", "crv": "P-384", "x": "x", "y": "y", "kid": "k"}]}, "no-key"),
    "nothing": ({}, "no-key"),
    "a private key": ({"keys": [dict(ec_key().as_dict(private=True))]}, "private-key"),
}


@pytest.mark.parametrize("name", BAD)
async def test_an_unusable_key_is_refused(house, name):
    jwks, code = BAD[name]
    with pytest.raises(Invalid) as refusal:
        await register(await make_organisation(), jwks)
    assert refusal.value.problems[0].code == code


@pytest.mark.parametrize("scope", ["launch", "system/DocumentReference.sr", "system/DocumentReference", "*"])
async def test_an_unknown_scope_is_refused(house, scope):
    with pytest.raises(Invalid) as refusal:
        await register(await make_organisation(), public(ec_key()), scopes=("system/Binary.r", scope))
    assert refusal.value.problems[0].code == "unknown-scope"


async def test_an_unknown_organisation_is_refused(house):
    with pytest.raises(Invalid) as refusal:
        await register("990099999", public(ec_key()))
    assert refusal.value.problems[0].code == "unknown-organisation"
