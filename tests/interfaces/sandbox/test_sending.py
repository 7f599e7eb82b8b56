"""The sender behaves as a good care software: right people, right metadata, one token, patience, honest report."""

import asyncio
import io
import time
from pathlib import Path

import msgspec
import pytest
from rich.console import Console

from carnet.sandbox.documents.load import load_documents
from carnet.sandbox.manifest import client_keys, read_manifest, write_manifest
from carnet.sandbox.population.load import load_population
from carnet.sandbox.send.command import access_token, batch_of_files, deliver, files_under, report, send_documents
from carnet.sandbox.send.parcels import of_document
from carnet.sandbox.send.sending import _waves
from interfaces.sandbox.receiver import running

PEOPLE = load_population()
SAMPLES = Path(__file__).parents[4] / "shared" / "samples"


@pytest.fixture
def keys(settings):
    return client_keys(PEOPLE, settings.home)


@pytest.fixture
def console():
    return Console(file=io.StringIO(), width=160)


@pytest.fixture
async def receiver(keys):
    async with running(keys) as started:
        yield started


@pytest.fixture
def manifest(settings, keys, receiver):
    path = write_manifest(
        settings.home.parent / "sandbox.json",
        population=PEOPLE,
        settings=msgspec.structs.replace(settings, carnet_url=receiver.base),
        clients=keys,
        smtp=("127.0.0.1", 2525),
    )
    return read_manifest(path)


@pytest.fixture
def home(settings):
    return settings.home.parent


def of(login):
    return [document for document in load_documents() if document.person.login == login]


async def test_a_history_arrives_whole_and_in_order(receiver, manifest, home, console):
    outcomes = await send_documents(of("honore"), manifest=manifest, home=home, console=console)
    assert [outcome.reason for outcome in outcomes if not outcome.accepted] == []
    assert len(receiver.documents) == 15
    contents = {content for _, _, content in receiver.documents.values()}
    assert contents == {document.content for document in of("honore")}


async def test_metadata_is_comprehensive(receiver, manifest, home, console):
    await send_documents(of("camille"), manifest=manifest, home=home, console=console)
    sent = [document for document, _, _ in receiver.documents.values()]
    masked = next(one for one in sent if one["type"]["coding"][0]["code"] == "68599-0")
    codes = [label["coding"][0]["code"] for label in masked["securityLabel"]]
    assert codes == ["N", "MASQUE_PS"]
    assert masked["category"][0]["coding"][0]["code"] == "11"
    assert masked["subject"]["identifier"] == {
        "system": "urn:oid:1.2.250.1.213.1.4.10",
        "value": PEOPLE.person("camille").matricule,
    }
    assert masked["context"]["facilityType"]["coding"][0]["code"] == "SA01"
    assert masked["context"]["practiceSetting"]["coding"][0]["code"] == "ETABLISSEMENT"
    assert masked["content"][0]["format"]["code"] == "urn:ihe:iti:xds-sd:pdf:2008"
    patient = masked["contained"][0]
    assert (patient["name"][0]["family"], patient["gender"], patient["birthDate"]) == (
        "BRUMELIERE",
        "female",
        "1988-07-04",
    )


async def test_each_software_uses_its_own_token_once(receiver, manifest, home, console):
    await send_documents(of("honore"), manifest=manifest, home=home, console=console)
    askers = [claims["sub"] for claims in receiver.assertions]
    assert set(askers) == {"labflux-laboratoire", "hospitalia-hopital", "cabineo-maison", "officium-pharmacie"}
    assert len(askers) == len(set(askers))


async def test_a_revoked_token_is_renewed_and_a_busy_server_is_asked_again(receiver, manifest, home, console):
    receiver.revoke_after = 3
    receiver.busy = 2
    outcomes = await send_documents(of("marguerite"), manifest=manifest, home=home, console=console)
    assert all(outcome.accepted for outcome in outcomes)


async def test_a_refusal_is_told_in_the_servers_words(receiver, manifest, home, console):
    receiver.people = {PEOPLE.person("lou").matricule}
    outcomes = await send_documents(of("yasmine") + of("lou"), manifest=manifest, home=home, console=console)
    refused = [outcome for outcome in outcomes if not outcome.accepted]
    assert {outcome.reason for outcome in refused} == {"Cette personne n'a pas d'espace. [DocumentReference.subject]"}
    assert report(outcomes, console) == 1
    printed = console.file.getvalue()
    assert "refusé 422" in printed
    assert f"{len(of('lou'))} acceptés, {len(of('yasmine'))} refusés" in printed


async def test_people_are_created_before_anything_is_sent(receiver, manifest, home, console):
    asked = []

    async def create(people):
        assert not receiver.documents
        asked.extend(people)
        receiver.people = {one.matricule for one in people}

    await send_documents(of("lou") + of("nour"), manifest=manifest, home=home, console=console, create_people=create)
    assert [one.birth_name for one in asked] == ["MIRABELLE", "AUBEPINE"]
    assert len(receiver.documents) == len(of("lou") + of("nour"))


async def test_it_is_fast_enough_with_a_few_connections(receiver, manifest, home, console):
    documents = load_documents()[:150]
    started = time.monotonic()
    outcomes = await send_documents(documents, manifest=manifest, home=home, console=console)
    rate = len(outcomes) / (time.monotonic() - started)
    assert all(outcome.accepted for outcome in outcomes)
    assert len(receiver.connections) <= 4
    assert rate >= 50, f"{rate:.0f} documents/s"


async def test_a_folder_of_files_is_read_and_sent(tmp_path, receiver, manifest, home, console):
    folder = tmp_path / "envoi"
    folder.mkdir()
    for document in of("honore")[:5]:
        (folder / document.file_name).write_bytes(document.content)
    (folder / "sans-personne.pdf").write_bytes(b"%PDF-1.4")
    (folder / "abime.xml").write_bytes(b"<ClinicalDocument")
    (folder / "notes.txt").write_text("ignore")
    client = manifest.clients[0]
    batch = batch_of_files(files_under([folder]), population=PEOPLE, client=client)
    outcomes = await deliver(batch, manifest=manifest, home=home, console=console)
    assert sum(outcome.accepted for outcome in outcomes) == 5
    kept_back = {outcome.label: outcome.reason for outcome in outcomes if not outcome.accepted}
    assert set(kept_back) == {"sans-personne.pdf", "abime.xml"}
    assert all(reason.startswith("Non envoyé.") for reason in kept_back.values())
    assert not any(claims["sub"] != client.client_id for claims in receiver.assertions)


async def test_a_token_can_be_had_for_curl(receiver, manifest, home):
    token = await asyncio.to_thread(access_token, manifest, home=home, client_id="cabineo-pmi")
    assert token in receiver.tokens
    with pytest.raises(KeyError):
        access_token(manifest, home=home, client_id="inconnu")


def test_a_missing_path_is_said(tmp_path):
    with pytest.raises(FileNotFoundError):
        files_under([tmp_path / "nulle-part"])


async def test_nobody_listening_is_an_outcome_not_a_crash(settings, keys, home, console):
    path = write_manifest(
        home / "sandbox.json",
        population=PEOPLE,
        settings=msgspec.structs.replace(settings, carnet_url="http://127.0.0.1:9"),
        clients=keys,
        smtp=("127.0.0.1", 2525),
    )
    outcomes = await send_documents(of("teva"), manifest=read_manifest(path), home=home, console=console)
    assert {outcome.verdict for outcome in outcomes} == {"refused"}
    assert "Pas de réponse" in outcomes[0].reason


def test_a_version_waits_for_the_one_it_replaces():
    pairs = [("x", of_document(document)) for document in reversed(of("honore"))]
    waves = _waves(pairs)
    assert [len(wave) for wave in waves] == [14, 1]
    assert waves[1][0][1].replaces in {parcel.unique_id for _, parcel in waves[0]}


def test_the_manifest_tells_programs_everything(settings, keys, home):
    path = write_manifest(
        home / "sandbox.json", population=PEOPLE, settings=settings, clients=keys, smtp=("127.0.0.1", 2525)
    )
    assert path.stat().st_mode & 0o777 == 0o600
    told = msgspec.json.decode(path.read_bytes())
    for name in ("base_url", "fhir_base", "token_endpoint", "psc_token_endpoint", "smtp", "mss"):
        assert told[name], name
    client = told["clients"][0]
    assert {"name", "client_id", "private_key_file", "kid", "finess"} <= set(client)
    assert msgspec.json.decode((home / client["private_key_file"]).read_bytes())["kid"] == client["kid"]
    assert {"rpps", "profession", "name", "login", "finess", "mss_address"} <= set(told["professionals"][0])
    assert told["persons"][0]["ins"] == {"matricule": "294056938390135", "oid": "1.2.250.1.213.1.4.10"}
    assert len(told["persons"]) >= 40


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the open samples are not beside the repository")
def test_every_open_sample_is_sent_or_kept_back_for_a_reason(manifest):
    files = files_under(folder for folder in sorted(SAMPLES.glob("cda-*")))
    batch = batch_of_files(files, population=PEOPLE, client=manifest.clients[0])
    assert len(batch.parcels) + len(batch.kept_back) == len(files)
    assert len(batch.parcels) >= 60
    assert all(len(outcome.reason) > 20 for outcome in batch.kept_back)
