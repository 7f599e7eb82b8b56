"""Connecting a process to its database, keys and contents; and letting go of them."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from carnet.access.api import seat_matrix
from carnet.config.journal_log import log_folder, log_origin, place_of, receipts_folder
from carnet.config.messaging_settings import mail_limits
from carnet.config.settings import Settings
from carnet.infra import clock, installation
from carnet.infra.blobs import BlobStore, LocalBlobs, S3Blobs, S3Settings
from carnet.infra.db import database as database_seat
from carnet.infra.db.database import Database
from carnet.infra.db.work import work
from carnet.infra.scanning import Clamd
from carnet.infra.vault import FileKek, HouseKey, IndexKey, KeyEncryptionKey, KeyRing
from carnet.journal.api import ReceiptBook, seat_log, seat_receipts, seat_statement_key
from carnet.kernel.life_delays import LifeDelays
from carnet.spaces.api import is_inhabited


class KeysMissingError(RuntimeError):
    """The database holds people but a key file is gone: starting would make new keys and orphan every one of them."""


def open_kek(settings: Settings) -> KeyEncryptionKey:
    """Return the key-encryption key the settings name; the file is made on first use."""
    if settings.kek == "transit":
        from carnet.infra.vault.transit_kek import (  # noqa: PLC0415 - a quarter of a second for those without one
            TransitKek,
            TransitSettings,
        )

        transit = TransitSettings(
            url=settings.transit_url or "",
            key_name=settings.transit_key,
            token_file=Path(settings.transit_token_file or ""),
        )
        kek = TransitKek(transit)
        kek.check_fit()
        return kek
    settings.kek_file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    return FileKek.open_or_create(settings.kek_file)


def open_blobs(settings: Settings) -> BlobStore:
    """Return the store the settings name."""
    if settings.blobs == "s3":
        return S3Blobs(
            S3Settings(
                endpoint=settings.s3_endpoint,
                bucket=settings.s3_bucket,
                region=settings.s3_region,
                access_key_id=settings.s3_key_id or "",
                secret_access_key=settings.s3_secret or "",
            )
        )
    return LocalBlobs(settings.home / "blobs")


def key_files(settings: Settings) -> list[Path]:
    """Return every key file of this house: what a backup must hold, apart from the database's."""
    files = [settings.home / "keys" / "index.key", settings.home / "keys" / "house.key"]
    return files if settings.kek == "transit" else [settings.kek_file, *files]


async def _refuse_lost_keys(settings: Settings, database: Database) -> None:
    missing = [path for path in key_files(settings) if not path.exists()]
    if not missing:
        return
    async with work(space=None, at=clock.now(), database_=database) as w:
        inhabited = await is_inhabited(w)
    if inhabited:
        names = ", ".join(str(path) for path in missing)
        raise KeysMissingError(f"The database holds people but these key files are missing: {names}. Restore them.")


def install_keys_alone(settings: Settings) -> None:
    """Give this process the keys and limits of the house, without a database: for those who only read and seal."""
    installation.install(_parts(settings))


def _parts(settings: Settings) -> installation.Installation:
    kek = open_kek(settings)
    blobs = open_blobs(settings)
    keys = settings.home / "keys"
    keys.mkdir(parents=True, exist_ok=True, mode=0o700)
    return installation.Installation(
        keys=KeyRing(kek),
        index_key=IndexKey.load_or_create(keys / "index.key", kek=kek),
        house_key=HouseKey.load_or_create(keys / "house.key", kek=kek),
        blobs=blobs,
        limits=installation.Limits(
            software_document_bytes=settings.software_document_bytes,
            person_document_bytes=settings.person_document_bytes,
            future_seconds=settings.future_seconds,
            accepted_ins_oids=settings.ins_oids,
            life=LifeDelays(
                objection_days=settings.objection_days,
                suspension_days=settings.suspension_days,
                archive_years=settings.archive_years,
                deletion_months=settings.deletion_months,
                deletion_days=settings.deletion_days,
                code_days=settings.code_days,
            ),
            export_days=settings.export_days,
            access=settings.access,
            family=settings.family,
            mail=mail_limits(settings),
        ),
        scanner=Clamd(settings.clamd) if settings.clamd else None,
    )


@contextlib.asynccontextmanager
async def connected(
    settings: Settings, *, role_url: str | None = None, name: str = "carnet"
) -> AsyncIterator[Database]:
    """Seat database, keys and blobs for this process; release them at the end.

    Raises Unavailable (database, key service), KeyFileUnusable, KeysMissingError.
    """
    database = Database(
        role_url or settings.database_url or "", max_size=settings.pool_size, min_size=2, application=name
    )
    await database.open()
    await _refuse_lost_keys(settings, database)
    seat_matrix(settings.matrix_file)
    parts = _parts(settings)
    database_seat.seat(database)
    installation.install(parts)
    # a house nobody seals has nobody to read its receipts either
    seat_receipts(ReceiptBook(receipts_folder(settings)) if settings.sequencer_url else None)
    seat_log(log_folder(settings), quorum=place_of(settings).quorum)
    seat_statement_key(settings.home / "keys" / "statement.key", name=f"{log_origin(settings)}/releve")
    try:
        yield database
    finally:
        seat_log(None)
        seat_matrix(None)
        seat_receipts(None)
        installation.uninstall()
        await parts.blobs.close()
        await database.close()
        parts.keys.kek.close()
