"""The sandbox as part of a running house: simulators served, population opened, histories deposited through real doors.

The only place where product and simulators meet. Spaces of fictitious people are opened by a direct call here (in a
country this is the campaign); everything medical arrives over HTTP with real tokens.
"""

import contextlib
import sys
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import httpx
import msgspec
from granian import Granian
from granian.constants import Interfaces, Loops
from litestar import Litestar
from rich.console import Console

from carnet.access.api import Wanted, attach_representative, authorise, invite_carer
from carnet.config.connect import connected
from carnet.config.operator import batch_database
from carnet.config.sandbox_addresses import sandbox_url
from carnet.config.sandbox_agenda import note_agendas
from carnet.config.sandbox_letters import write_letters
from carnet.config.settings import Settings, read_settings
from carnet.identity.api import (
    DirectoryFeed,
    FeedAddress,
    FeedMailbox,
    FeedOrganisation,
    FeedProfessional,
    IdentityTraits,
    Ins,
    add_agent,
    import_directory,
    parse_ins,
    parse_traits,
    register_software,
)
from carnet.infra import clock
from carnet.infra.db import Database
from carnet.interfaces.portal.carers import attestation
from carnet.journal.api import confirm_time, keep_time
from carnet.journeys.api import Figure, answer_as, publish_figures
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.errors import Conflict, Invalid, Refused
from carnet.kernel.ids import SpaceId
from carnet.sandbox.api import (
    AGENTS,
    MSS_DOMAIN,
    Agent,
    Mailbox,
    Manifest,
    Person,
    Population,
    SandboxSettings,
    Whom,
    access_token,
    client_keys,
    create_sandbox_app,
    load_documents,
    load_population,
    made_up_figures,
    read_manifest,
    report,
    send_documents,
    send_files,
    send_messages,
    smtp_sink,
    write_manifest,
)
from carnet.spaces.api import delegate_of, find_space, open_space

SEEDER = Actor(kind=ActorKind.SYSTEM, identifier="sandbox", name="Bac à sable", strong=True)
SCOPES = ("system/DocumentReference.cruds", "system/Binary.r", "system/List.rs", "user/*.cruds", "user/*.rs")


def sandbox_settings(settings: Settings) -> SandboxSettings:
    """Return where the simulators live for this house."""
    return SandboxSettings(
        base_url=sandbox_url(settings),
        carnet_url=settings.base_url,
        home=settings.home / "sandbox",
        mail_port=settings.mss_port,
    )


def simulators() -> Litestar:
    """Return the simulators' application (what Granian loads)."""
    return create_sandbox_app(sandbox_settings(read_settings()))


def write_operators(settings: Settings) -> None:
    """Let the simulated operator in: by its address, because it plays on this machine without certificates."""
    path = settings.home / "sandbox" / "operators.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        peer = f'[[peer]]\nname = "sandbox"\naddresses = ["127.0.0.1"]\ndomains = ["{MSS_DOMAIN}"]\n'
        path.write_text(peer, encoding="utf-8")


def serve_simulators(settings: Settings) -> None:
    """Serve identity providers, INS service, mail page and SMTP sink until stopped."""
    write_operators(settings)
    post = smtp_sink(Mailbox(sandbox_settings(settings).home / "mail"), port=settings.smtp_port)
    post.start()
    try:
        Granian(
            "carnet.config.sandbox_house:simulators",
            address="127.0.0.1",
            port=settings.port + 1,
            interface=Interfaces.ASGI,
            workers=1,
            loop=Loops.uvloop,
            factory=True,
            log_access=False,
            log_level="warning",  # type: ignore[arg-type]  # granian takes the name too
            websockets=False,
        ).serve()
    finally:
        post.stop()


async def seed(settings: Settings) -> int:
    """Prepare the demo once: directory, software, spaces, authorisations, then the documents over HTTP."""
    population = load_population()
    beside = sandbox_settings(settings)
    clients = client_keys(population, settings.home / "sandbox")
    manifest_path = settings.home / "sandbox.json"
    write_manifest(
        manifest_path,
        population=population,
        settings=beside,
        clients=clients,
        smtp=(settings.smtp_host, settings.smtp_port),
    )
    done = settings.home / "sandbox" / "seeded"
    if done.exists():
        async with connected(settings, name="carnet-sandbox"), batch_database(settings) as batch:
            await believe_clock(batch, at=clock.now())
        return 0
    begun = time.monotonic()
    at = clock.now()
    async with connected(settings, name="carnet-sandbox"):
        await import_directory(actor=SEEDER, feed=feed_of(population), at=at)
        for client in clients:
            await register_software(
                actor=SEEDER,
                client_id=client.software.client_id,
                name=client.software.name,
                finess=client.finess,
                jwks=client.jwks,
                scopes=SCOPES,
                at=at,
            )
        async with batch_database(settings) as batch:
            for agent in AGENTS:
                await employ(agent, batch)
            made = [Figure(*msgspec.structs.astuple(one)) for one in made_up_figures(at.date())]
            await publish_figures(actor=SEEDER, batch=batch, figures=made, at=at)
        for person in population.persons:
            if not person.letter:
                await open_for(population, person)
        await note_agendas(population, for_others=False, at=at)
        for person in population.persons:
            await attach_parents(population, person)
        await let_help(population, helped="auguste", carer="gaspard")
        await note_agendas(population, for_others=True, at=clock.now())
        await write_letters(settings, population, actor=SEEDER)
    manifest = read_manifest(manifest_path)
    outcomes = await send_documents(load_documents(), manifest=manifest, home=settings.home, console=Console())
    refused = [outcome for outcome in outcomes if not outcome.accepted]
    if refused:
        report(outcomes, Console())
        return 1
    if problem := send_messages(population, load_documents(), port=settings.mss_port):
        sys.stderr.write(f"The mail gateway did not keep a message of the demo. {problem}\n")
        return 1
    done.write_text("", encoding="utf-8")
    sys.stdout.write(f"{len(outcomes)} documents deposited in {time.monotonic() - begun:.0f} s.\n")
    return 0


async def believe_clock(batch: Database, *, at: datetime) -> None:
    """Let a demo left alone for weeks go on by itself: whoever starts it sees what time it is."""
    try:
        await keep_time(batch=batch, at=at)
    except Refused:
        await confirm_time(actor=SEEDER, batch=batch, at=at)


async def employ(agent: Agent, batch: Database) -> None:
    """Make a persona an agent, unless they are one."""
    told = {"kind": agent.kind, "reference": agent.reference, "name": agent.name, "desk": agent.desk}
    with contextlib.suppress(Conflict):
        await add_agent(actor=SEEDER, batch=batch, email=agent.email, at=clock.now(), **told)


async def open_for(population: Population, person: Person) -> SpaceId:
    """Open a persona's space with their regular doctor authorised, unless it is there already."""
    ins, traits = identity_of(person)
    existing = await find_space(ins)
    if existing is not None:
        return existing
    at = clock.now() - timedelta(days=30)
    space = await open_space(actor=SEEDER, ins=ins, traits=traits, email=person.email, at=at)
    owner = Actor(kind=ActorKind.PERSON, identifier="sandbox", name=person.display, space=space, strong=True)
    doctor = population.professional(person.gp)
    await authorise(actor=owner, space=space, rpps=doctor.rpps, at=at)
    return space


async def attach_parents(population: Population, child: Person) -> None:
    """Let the representatives the insurer would name act in a child's space."""
    if child.parents:
        space = await open_for(population, child)
        for login in child.parents:
            parent = population.person(login)
            ins, traits = identity_of(parent)
            await attach_representative(space=space, delegate=delegate_of(ins, traits), at=clock.now())


async def let_help(population: Population, *, helped: str, carer: str) -> None:
    """Let one persona invite another as their carer, who accepts: a year, but for what they keep to themselves."""
    person, at = population.person(helped), clock.now()
    space = await open_for(population, person)
    owner = Actor(kind=ActorKind.PERSON, identifier="sandbox", name=person.display, space=space, strong=True)
    me = delegate_of(*identity_of(population.person(carer)))
    until = at + timedelta(days=364)
    wanted = Wanted(starts_at=at, ends_at=until, purpose="everyday", withheld=("DIR_ANT",), agenda=True)
    try:
        row = await invite_carer(actor=owner, space=space, invited=me, wanted=wanted, at=at)
    except Invalid:  # seeded before
        return
    answering = Actor(
        kind=ActorKind.CARER, identifier="sandbox", name=me.name, strong=True, acts_for=space, delegation=row
    )
    paper = partial(attestation, ended=False, at=at)
    await answer_as(actor=answering, me=me, delegation=row, accepted=True, paper=paper, at=at)


def identity_of(person: Person) -> tuple[Ins, IdentityTraits]:
    """Return a persona's INS and traits."""
    traits = parse_traits(
        birth_name=person.birth_name,
        given_names=person.given_names,
        sex=person.sex,
        birth_date=person.birth_date.isoformat(),
        birth_place=person.birth_place,
        usual_name=person.used_name,
    )
    return parse_ins(matricule=person.matricule, oid=person.oid), traits


async def open_for_strangers(people: Sequence[Whom]) -> None:
    """Open a space for whoever a file names and who has none: the sandbox's `--create-people`.

    Whoever's identity could not be anybody's (a wrong key, a day that is none) gets no space: the door tells why.
    """
    for whom in people:
        try:
            ins, traits = _identity(whom)
        except Invalid:
            continue
        if await find_space(ins) is None:
            await open_space(actor=SEEDER, ins=ins, traits=traits, at=clock.now())


def _identity(whom: Whom) -> tuple[Ins, IdentityTraits]:
    traits = parse_traits(
        birth_name=whom.birth_name,
        given_names=tuple(whom.given_names.split()),
        sex=whom.sex or "U",
        birth_date=whom.birth_date.isoformat() if whom.birth_date else None,
        birth_place=whom.birth_place or None,
    )
    return parse_ins(matricule=whom.matricule, oid=whom.oid), traits


def send(settings: Settings, paths: Sequence[Path], *, client: str | None, person: str | None, create: bool) -> int:
    """Play a care software over real HTTP; return the exit status."""
    manifest, population = _manifest(settings), load_population()
    missing = ", ".join(str(path) for path in paths if not path.exists())
    if missing or not paths:
        return _misused(f"No such file or folder: {missing}" if missing else "Name at least one file or folder.")
    if person and person not in {one.login for one in population.persons}:
        return _misused(f"Nobody here has the login {person}. The logins are in {settings.home / 'sandbox.json'}.")
    if problem := _unknown_client(manifest, client):
        return _misused(problem)

    async def create_people(people: Sequence[Whom]) -> None:
        async with connected(settings, name="carnet-sandbox"):
            await open_for_strangers(people)

    return send_files(
        paths,
        manifest=manifest,
        home=settings.home,
        population=population,
        client_id=client,
        person=person,
        create_people=create_people if create else None,
    )


def print_token(settings: Settings, *, client: str | None) -> int:
    """Print a fresh access token of a sandbox software, for curl."""
    manifest = _manifest(settings)
    if problem := _unknown_client(manifest, client):
        return _misused(problem)
    sys.stdout.write(access_token(manifest, home=settings.home, client_id=client) + "\n")
    return 0


def _unknown_client(manifest: Manifest, client: str | None) -> str:
    known = [one.client_id for one in manifest.clients]
    if client is None or client in known:
        return ""
    return f"No software here is called {client}. Known: {', '.join(known)}."


def _misused(problem: str) -> int:
    sys.stderr.write(f"{problem}\n")
    return 2


def _manifest(settings: Settings) -> Manifest:
    path = settings.home / "sandbox.json"
    try:
        manifest = read_manifest(path)
        httpx.get(f"{manifest.base_url}/healthz", timeout=5)
    except (FileNotFoundError, httpx.HTTPError):
        sys.stderr.write("Carnet is not running here. Start it with `make run` first.\n")
        raise SystemExit(2) from None
    return manifest


def feed_of(population: Population) -> DirectoryFeed:
    """Return the population's professionals and places as a directory feed."""
    return DirectoryFeed(
        organisations=tuple(
            FeedOrganisation(
                finess=place.finess,
                name=place.name,
                facility_type=place.facility_type,
                facility_label=place.facility_label,
                address=FeedAddress(city=place.address.city),
            )
            for place in population.organisations
        ),
        professionals=tuple(
            FeedProfessional(
                rpps=one.rpps,
                family=one.family,
                given=one.given,
                profession=one.profession,
                specialty=one.specialty or None,
                finess=population.workplace(one).finess,
                mssante=one.mailbox,
            )
            for one in population.professionals
        ),
        mailboxes=tuple(
            FeedMailbox(address=place.mailbox, kind="ORG", finess=place.finess, label=f"Secrétariat, {place.name}")
            for place in population.organisations
            if place.mailbox
        ),
    )
