"""Contents of documents: sealed, durable, read by range. The local disk by default, an S3 service in production."""

from carnet.infra.blobs.errors import BlobDamaged, BlobExists, BlobMissing
from carnet.infra.blobs.local import LocalBlobs
from carnet.infra.blobs.s3 import S3Blobs, S3Settings
from carnet.infra.blobs.store import BlobReader, BlobStore, SealedBlob

__all__ = [
    "BlobDamaged",
    "BlobExists",
    "BlobMissing",
    "BlobReader",
    "BlobStore",
    "LocalBlobs",
    "S3Blobs",
    "S3Settings",
    "SealedBlob",
]
