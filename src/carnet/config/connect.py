"""Connecting a process to its database, keys and contents; and letting go of them."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from carnet.config.settings import Settings
from carnet.infra import installation
from carnet.infra.blobs import BlobStore, LocalBlobs, S3Blobs, S3Settings
from carnet.infra.db import database as database_seat
from carnet.infra.db.database import Database
from carnet.infra.vault import FileKek, HouseKey, IndexKey, KeyEncryptionKey, KeyRing, TransitKek, TransitSettings


def open_kek(settings: Settings) -> KeyEncryptionKey:
    """Return the key-encryption key the settings name; the file is made on first use."""
    if settings.kek == "transit":
        return TransitKek(
            TransitSettings(
                url=settings.transit_url or "",
                key_name=settings.transit_key,
                token_file=Path(settings.transit_token_file or ""),
            )
        )
    settings.kek_file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    return FileKek.open_or_create(settings.kek_file)


def open_blobs(settings: Settings) -> BlobStore:
    """Return the store the settings name."""
    if settings.blobs == "s3":
        return S3Blobs(
            S3Settings(
                endpoint=settings.s3_endpoint or "",
                bucket=settings.s3_bucket,
                region=settings.s3_region,
                access_key_id=settings.s3_key_id or "",
                secret_access_key=settings.s3_secret or "",
            )
        )
    return LocalBlobs(settings.home / "blobs")


@contextlib.asynccontextmanager
async def connected(settings: Settings, *, role_url: str | None = None, name: str = "carnet") -> AsyncIterator[Database]:
    """Seat database, keys and blobs for this process; release them at the end."""
    database = Database(
        role_url or settings.database_url or "", max_size=settings.pool_size, min_size=2, application=name
    )
    await database.open()
    kek = open_kek(settings)
    blobs = open_blobs(settings)
    database_seat.seat(database)
    installation.install(
        installation.Installation(
            keys=KeyRing(kek),
            index_key=IndexKey.load_or_create(settings.home / "keys" / "index.key", kek=kek),
            house_key=HouseKey.load_or_create(settings.home / "keys" / "house.key", kek=kek),
            blobs=blobs,
            limits=installation.Limits(
                software_document_bytes=settings.software_document_bytes,
                person_document_bytes=settings.person_document_bytes,
                accepted_ins_oids=settings.ins_oids,
            ),
        )
    )
    try:
        yield database
    finally:
        installation.uninstall()
        await blobs.close()
        await database.close()
