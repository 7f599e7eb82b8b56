"""Reading a log as anybody may: from its public address, or from a folder somebody copied."""

import time
from pathlib import Path

import httpx

from carnet.journal.log.tiles import WIDTH, TileStore, split_bundle, tile_path
from carnet.journal.rules.leaves import LEAF_BYTES

LARGEST = WIDTH * (LEAF_BYTES + 2)
LONGEST_SECONDS = 30


class LogUnreadable(ConnectionError):
    """The log did not give what its checkpoint says it has."""


class FolderLog:
    """A log in a folder."""

    def __init__(self, folder: Path) -> None:
        self._store = TileStore(folder)

    def checkpoint(self) -> str:
        """Return the published checkpoint. Raises LogUnreadable when there is none."""
        found = self._store.checkpoint()
        if not found:
            raise LogUnreadable("no checkpoint yet")
        return found

    def bundle(self, number: int, width: int) -> list[bytes]:
        """Return the first `width` leaves of an entry bundle. Raises LogUnreadable."""
        return _checked(self._store.read("entries", number), width)


class WebLog:
    """A log at its public address (`https://…/journal`). It may be hostile: no answer is longer than a bundle."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        plain = {"accept-encoding": "identity"}
        self._client = httpx.Client(timeout=5.0, follow_redirects=False, trust_env=False, headers=plain)

    def checkpoint(self) -> str:
        """Return the published checkpoint. Raises LogUnreadable when there is none."""
        return self._get("checkpoint").decode("utf-8", "replace")

    def bundle(self, number: int, width: int) -> list[bytes]:
        """Return the first `width` leaves of an entry bundle. Raises LogUnreadable."""
        partial = "" if width == WIDTH else f".p/{width}"
        return _checked(self._get(f"tile/{tile_path('entries', number)}{partial}"), width)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _get(self, path: str) -> bytes:
        content, deadline = b"", time.monotonic() + LONGEST_SECONDS
        try:
            with self._client.stream("GET", f"{self._url}/{path}") as answer:
                for piece in answer.iter_raw():
                    content += piece
                    if len(content) > LARGEST or time.monotonic() > deadline:
                        raise LogUnreadable(f"{path}: too long")
        except httpx.HTTPError as error:
            raise LogUnreadable(f"{path}: {type(error).__name__}") from error
        if answer.status_code != httpx.codes.OK:
            raise LogUnreadable(f"{path}: {answer.status_code}")
        return content


def open_log(where: str) -> FolderLog | WebLog:
    """Return the log at an address or in a folder."""
    return WebLog(where) if where.startswith(("http://", "https://")) else FolderLog(Path(where))


def _checked(data: bytes, width: int) -> list[bytes]:
    found = split_bundle(data)[:width]
    if len(found) != width or any(len(one) != LEAF_BYTES for one in found):
        raise LogUnreadable("an entry bundle is not what the checkpoint says")
    return found
