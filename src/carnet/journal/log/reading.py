"""Reading a log as anybody may: from its public address, or from a folder somebody copied."""

from pathlib import Path

import httpx

from carnet.journal.log.tiles import WIDTH, TileStore, split_bundle, tile_path
from carnet.journal.rules.leaves import LEAF_BYTES

LARGEST = WIDTH * (LEAF_BYTES + 2)


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
    """A log at its public address (`https://…/journal`)."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        self._client = httpx.Client(timeout=5.0, follow_redirects=False, trust_env=False)

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
        try:
            answer = self._client.get(f"{self._url}/{path}")
        except httpx.HTTPError as error:
            raise LogUnreadable(f"{path}: {type(error).__name__}") from error
        if answer.status_code != httpx.codes.OK or len(answer.content) > LARGEST:
            raise LogUnreadable(f"{path}: {answer.status_code}")
        return answer.content


def open_log(where: str) -> FolderLog | WebLog:
    """Return the log at an address or in a folder."""
    return WebLog(where) if where.startswith(("http://", "https://")) else FolderLog(Path(where))


def _checked(data: bytes, width: int) -> list[bytes]:
    found = split_bundle(data)[:width]
    if len(found) != width or any(len(one) != LEAF_BYTES for one in found):
        raise LogUnreadable("an entry bundle is not what the checkpoint says")
    return found
