"""`CARNET_HOME/sandbox.json`: everything a program needs to act in the sandbox, and the keys of its care software.

Shape (issue "sandbox and newcomer"): base_url, fhir_base, token_endpoint, psc_token_endpoint, smtp, clients[],
professionals[], persons[]; and the addresses of the simulators. smtp is where e-mails of the house go; mss is its mail
gateway, where a professional's `mss_address` writes to `<matricule>@<patients_domain>`. Private keys are JWK files
beside it, mode 0600: they open nothing but this sandbox.
"""

from pathlib import Path
from typing import Any

import msgspec
from joserfc.jwk import ECKey

from carnet.sandbox.population.agents import AGENTS
from carnet.sandbox.population.data import PATIENTS_DOMAIN, SANDBOX_PASSWORD, Person, Population, Professional, Software
from carnet.sandbox.providers.ins import identity, registered_traits
from carnet.sandbox.providers.keys import load_or_create, public_set
from carnet.sandbox.providers.settings import SandboxSettings


class ClientEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A care software of the manifest. private_key_file: relative to the manifest's folder."""

    name: str
    client_id: str
    private_key_file: str
    kid: str
    finess: str
    organisation: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """The part of the file that the sender reads back; the file holds more."""

    base_url: str
    fhir_base: str
    token_endpoint: str
    clients: tuple[ClientEntry, ...]


class ClientKey(msgspec.Struct, frozen=True, kw_only=True):
    """A care software to register: who runs it, its public keys (JWKS), its private key and where that lies."""

    software: Software
    finess: str
    organisation: str
    jwks: dict[str, Any]
    key: ECKey
    file: Path


def client_keys(population: Population, home: Path) -> tuple[ClientKey, ...]:
    """The software of the population with their keys (P-384, ES384), made on first use under `home`/keys/clients."""
    made = []
    for software in population.softwares:
        place = population.organisation(software.organisation)
        file = home / "keys" / "clients" / f"{software.client_id}.json"
        key = load_or_create(file, curve="P-384", algorithm="ES384")
        made.append(
            ClientKey(
                software=software,
                finess=place.finess,
                organisation=place.name,
                jwks=public_set(key),
                key=key,
                file=file,
            )
        )
    return tuple(made)


def write_manifest(
    path: Path,
    *,
    population: Population,
    settings: SandboxSettings,
    clients: tuple[ClientKey, ...],
    smtp: tuple[str, int],
    token_path: str = "/oauth/token",  # noqa: S107  # an address
) -> Path:
    """Write the manifest at `path` (mode 0600) and return it. OSError when it cannot be written."""
    content = {
        "version": 1,
        "base_url": settings.carnet_url,
        "fhir_base": f"{settings.carnet_url}/fhir",
        "token_endpoint": f"{settings.carnet_url}{token_path}",
        "psc_token_endpoint": f"{settings.prosanteconnect.issuer}/token",
        "psc_issuer": settings.prosanteconnect.issuer,
        "franceconnect_issuer": settings.franceconnect.issuer,
        "franceconnect_token_endpoint": f"{settings.franceconnect.issuer}/token",
        "direct_grant_client_id": "carnet-programs",
        "password": SANDBOX_PASSWORD,
        "ins_service": f"{settings.base_url}/ins/search",
        "mailbox": f"{settings.base_url}/mail",
        "smtp": {"host": smtp[0], "port": smtp[1]},
        "mss": {"host": "127.0.0.1", "port": settings.mail_port, "patients_domain": PATIENTS_DOMAIN},
        "clients": [_client(one, path.parent) for one in clients],
        "professionals": [_professional(one, population) for one in population.professionals],
        "persons": [_person(one) for one in population.persons],
        "agents": [msgspec.to_builtins(one) | {"email": one.email} for one in AGENTS],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(content), indent=2) + b"\n")
    return path


def read_manifest(path: Path) -> Manifest:
    """The manifest a program finds. FileNotFoundError before `make run`; msgspec.ValidationError when it is not one."""
    return msgspec.json.decode(path.read_bytes(), type=Manifest)


def _client(one: ClientKey, folder: Path) -> dict[str, Any]:
    file = one.file.resolve()
    root = folder.resolve()
    return {
        "name": f"{one.software.name} {one.software.version}",
        "client_id": one.software.client_id,
        "private_key_file": str(file.relative_to(root) if file.is_relative_to(root) else file),
        "kid": one.key.kid,
        "finess": one.finess,
        "organisation": one.organisation,
    }


def _professional(one: Professional, population: Population) -> dict[str, Any]:
    place = population.workplace(one)
    return {
        "login": one.login,
        "name": one.display,
        "family": one.family,
        "given": one.given,
        "rpps": one.rpps,
        "mss_address": one.mailbox,
        "national_id": one.national_id,
        "profession": one.profession,
        "profession_label": one.profession_label,
        "specialty": one.specialty,
        "finess": place.finess,
        "organisation": place.name,
    }


def _person(one: Person) -> dict[str, Any]:
    return {
        "login": one.login,
        "name": one.display,
        "birth_name": one.birth_name,
        "given_names": list(one.given_names),
        "ins": identity(one),
        "traits": registered_traits(one),
        "email": one.email,
        "account": one.account,
        "letter": one.letter,
        "card_serial": one.card_serial,
        "parents": list(one.parents),
        "about_fr": one.about_fr,
        "about_en": one.about_en,
    }
