"""`carnet sandbox send` and the seeding of the demo: what to send, as whom, and the table at the end."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from pathlib import Path

import httpx
import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from carnet.sandbox.documents.data import SandboxDocument
from carnet.sandbox.manifest import ClientEntry, Manifest
from carnet.sandbox.population.data import Organisation, Person, Population
from carnet.sandbox.providers.keys import load_or_create
from carnet.sandbox.send.credentials import Client, TokenPurse
from carnet.sandbox.send.parcels import Parcel, Unsendable, Whom, of_document, of_file
from carnet.sandbox.send.sending import CONCURRENCY, Outcome, Sender, send_all

CreatePeople = Callable[[Sequence[Whom]], Awaitable[None]]
"""Opens a space for each of these people unless they have one; the sandbox's way in, wired by `config`."""

SUFFIXES = frozenset({".xml", ".cda", ".pdf"})
WHOLE_TABLE = 40


class Batch(msgspec.Struct, kw_only=True):
    """What goes out: parcels with the client that sends each, and the files that stay."""

    parcels: list[tuple[str, Parcel]]
    kept_back: list[Outcome]


def files_under(paths: Iterable[Path]) -> list[Path]:
    """The files named, and those of CDA or PDF kind inside the folders named, sorted. FileNotFoundError if missing."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += [inside for inside in path.rglob("*") if inside.suffix.lower() in SUFFIXES and inside.is_file()]
        elif path.is_file():
            found.append(path)
        else:
            raise FileNotFoundError(path)
    return sorted(set(found))


def batch_of_files(
    files: Iterable[Path], *, population: Population, client: ClientEntry, person: Person | None = None
) -> Batch:
    """Read files as one client would send them; those it would not send are kept back with the reason."""
    place = _organisation(population, client)
    batch = Batch(parcels=[], kept_back=[])
    for file in files:
        try:
            parcel = of_file(file, population=population, sender=place, person=person)
        except Unsendable as error:
            batch.kept_back.append(Outcome(label=file.name, verdict="refused", reason=f"Non envoyé. {error}"))
        except OSError as error:
            batch.kept_back.append(Outcome(label=file.name, verdict="refused", reason=f"Illisible : {error.strerror}"))
        else:
            batch.parcels.append((client.client_id, parcel))
    return batch


def batch_of_documents(documents: Iterable[SandboxDocument], *, manifest: Manifest) -> Batch:
    """Our own documents, each sent by the software of the organisation that wrote it."""
    by_finess = {client.finess: client.client_id for client in manifest.clients}
    parcels = [(by_finess[document.organisation.finess], of_document(document)) for document in documents]
    return Batch(parcels=parcels, kept_back=[])


async def deliver(
    batch: Batch,
    *,
    manifest: Manifest,
    home: Path,
    console: Console,
    create_people: CreatePeople | None = None,
    language: str = "fr",
    concurrency: int = CONCURRENCY,
) -> list[Outcome]:
    """Create the people if asked, then send with a progress bar. home: the folder of the manifest (keys)."""
    if create_people is not None:
        await create_people(_people(batch))
    limits = httpx.Limits(max_connections=concurrency)
    async with httpx.AsyncClient(limits=limits, timeout=httpx.Timeout(60), trust_env=False) as http:
        senders = {
            entry.client_id: Sender(
                http,
                client=_client(entry, manifest, home),
                fhir_base=manifest.fhir_base,
                language=language,
            )
            for entry in manifest.clients
        }
        with _progress(console) as progress:
            bar = progress.add_task("Dépôt des documents", total=len(batch.parcels))
            sent = await send_all(senders, batch.parcels, told=lambda _: progress.advance(bar), concurrency=concurrency)
    return batch.kept_back + sent


def report(outcomes: Sequence[Outcome], console: Console) -> int:
    """Print what was accepted, what was refused and why; returns the exit code (0 when all was accepted)."""
    refused = [outcome for outcome in outcomes if not outcome.accepted]
    shown = outcomes if len(outcomes) <= WHOLE_TABLE else refused
    if shown:
        table = Table(title="Documents refusés" if shown is refused else "Documents", title_justify="left")
        table.add_column("Fichier", overflow="fold")
        table.add_column("Réponse", no_wrap=True)
        table.add_column("Raison", overflow="fold")
        for outcome in shown:
            style = "green" if outcome.accepted else "red"
            answer = f"{'accepté' if outcome.accepted else 'refusé'} {outcome.status or ''}".strip()
            table.add_row(outcome.label, f"[{style}]{answer}[/]", outcome.reason)
        console.print(table)
    accepted = len(outcomes) - len(refused)
    counts = (
        f"{number} {word}{'s' * (number > 1)}" for number, word in ((accepted, "accepté"), (len(refused), "refusé"))
    )
    console.print(f"{', '.join(counts)}, {len(outcomes)} en tout.")
    return 1 if refused else 0


def send_files(
    paths: Sequence[Path],
    *,
    manifest: Manifest,
    home: Path,
    population: Population,
    client_id: str | None = None,
    person: str | None = None,
    create_people: CreatePeople | None = None,
    console: Console | None = None,
    concurrency: int = CONCURRENCY,
) -> int:
    """The whole command: read, send, report. Returns the exit code; KeyError for an unknown client or persona."""
    screen = console or Console()
    client = _chosen(manifest, client_id)
    whom = population.person(person) if person else None
    batch = batch_of_files(files_under(paths), population=population, client=client, person=whom)
    sending = deliver(
        batch, manifest=manifest, home=home, console=screen, create_people=create_people, concurrency=concurrency
    )
    return report(asyncio.run(sending), screen)


async def send_documents(
    documents: Iterable[SandboxDocument],
    *,
    manifest: Manifest,
    home: Path,
    create_people: CreatePeople | None = None,
    console: Console | None = None,
    concurrency: int = CONCURRENCY,
) -> list[Outcome]:
    """Seed the demo: our documents as real deposits. Sending them twice changes nothing."""
    batch = batch_of_documents(documents, manifest=manifest)
    return await deliver(
        batch,
        manifest=manifest,
        home=home,
        console=console or Console(),
        create_people=create_people,
        concurrency=concurrency,
    )


def access_token(manifest: Manifest, *, home: Path, client_id: str | None = None) -> str:
    """A fresh token of one software (the first when unnamed), for curl.

    Raises KeyError for an unknown client, TokenRefused, and httpx.HTTPError when nobody answers.
    """
    entry = _chosen(manifest, client_id)

    async def ask() -> str:
        async with httpx.AsyncClient(timeout=10, trust_env=False) as http:
            return await TokenPurse(http, _client(entry, manifest, home)).token()

    return asyncio.run(ask())


def _people(batch: Batch) -> list[Whom]:
    known: dict[tuple[str, str], Whom] = {}
    for _, parcel in batch.parcels:
        known.setdefault((parcel.whom.oid, parcel.whom.matricule), parcel.whom)
    return list(known.values())


def _chosen(manifest: Manifest, client_id: str | None) -> ClientEntry:
    if client_id is None:
        return manifest.clients[0]
    return {client.client_id: client for client in manifest.clients}[client_id]


def _organisation(population: Population, client: ClientEntry) -> Organisation:
    return {place.finess: place for place in population.organisations}[client.finess]


def _client(entry: ClientEntry, manifest: Manifest, home: Path) -> Client:
    key = load_or_create(home / entry.private_key_file, curve="P-384", algorithm="ES384")
    return Client(client_id=entry.client_id, key=key, token_endpoint=manifest.token_endpoint)


def _progress(console: Console) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console)
