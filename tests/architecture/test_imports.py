"""The import rules of `.importlinter` hold, each turns red on a planted import, and nothing turns in a circle.

import-linter's `acyclic_siblings` compares packages; here circles between single modules are looked for as well (a
module and its own package's `__init__` included), because those break the day somebody reorders two lines.
"""

import ast
import copy
import functools

import grimp
import pytest
from importlinter.api import read_configuration
from importlinter.contracts.acyclic_siblings import AcyclicSiblingsContract
from importlinter.contracts.forbidden import ForbiddenContract
from importlinter.contracts.independence import IndependenceContract
from importlinter.contracts.layers import LayersContract
from importlinter.contracts.protected import ProtectedContract

from architecture.findings import ROOT, Finding, faults, problems, source, sources

TYPES = {
    "layers": LayersContract,
    "independence": IndependenceContract,
    "forbidden": ForbiddenContract,
    "acyclic_siblings": AcyclicSiblingsContract,
    "protected": ProtectedContract,
}
# Packages that are libraries of the house: their modules are imported directly (DESIGN §3).
WITHOUT_A_DOOR = {"__main__", "config", "interfaces", "design", "formats", "infra", "kernel"}


@functools.cache
def house() -> grimp.ImportGraph:
    """The imports as they are."""
    return grimp.build_graph("carnet", include_external_packages=True, cache_dir=None)


@functools.cache
def configuration() -> dict:
    return read_configuration(str(ROOT / ".importlinter"))


def contracts() -> dict[str, dict]:
    return {options["id"]: options for options in configuration()["contracts_options"]}


def keeps(contract: str, graph: grimp.ImportGraph) -> bool:
    options = contracts()[contract]
    session = {"root_packages": ["carnet"], **configuration()["session_options"]}
    made = TYPES[options["type"]](name=options["name"], session_options=session, contract_options=options)
    return made.check(copy.deepcopy(graph), verbose=False).kept


def with_import(importer: str, imported: str) -> grimp.ImportGraph:
    """The house with one more import."""
    graph = copy.deepcopy(house())
    external = not imported.startswith("carnet")
    if external and imported not in graph.modules:
        graph.add_module(imported, is_squashed=True)
    for module in (importer, imported.rpartition(".")[0], imported):
        if module and module not in graph.modules:
            graph.add_module(module)  # a package that is planned and not there yet
    graph.add_import(importer=importer, imported=imported)
    return graph


@pytest.mark.parametrize("contract", contracts())
def test_the_house_keeps_each_contract(contract):
    assert len(house().modules) > 100  # the graph was really read
    assert keeps(contract, house())


PLANTED = [
    ("layers", "carnet.kernel.ids", "carnet.infra.clock"),
    ("layers", "carnet.infra.db.work", "carnet.journal.api"),
    ("layers", "carnet.journal.api", "carnet.terminology.api"),
    ("layers", "carnet.identity.api", "carnet.spaces.api"),
    ("layers", "carnet.spaces.api", "carnet.access.api"),
    ("layers", "carnet.access.api", "carnet.records.api"),
    ("layers", "carnet.records.api", "carnet.design.parts"),
    ("layers", "carnet.design.parts", "carnet.interfaces.portal.presenters.home"),
    ("layers", "carnet.interfaces.portal.presenters.home", "carnet.sandbox.api"),
    ("layers", "carnet.interfaces.portal.presenters.home", "carnet.config.settings"),
    ("layers", "carnet.config.settings", "carnet.__main__"),
    ("doors", "carnet.interfaces.portal.presenters.home", "carnet.interfaces.planted.pages"),
    ("kernel", "carnet.kernel.ids", "psycopg"),
    ("kernel", "carnet.kernel.errors", "litestar"),
    ("rules", "carnet.access.rules.decide", "carnet.infra.db.work"),
    ("rules", "carnet.access.rules.decide", "carnet.infra.clock"),
    ("rules", "carnet.records.rules.document_reference", "lxml"),
    ("rules", "carnet.records.data", "psycopg"),
    ("cycles", "carnet.records.queries.listing", "carnet.records.actions.deposit"),
    ("cycles", "carnet.infra.vault.kek", "carnet.infra.blobs.local"),
    ("door-of-journal", "carnet.records.actions.deposit", "carnet.journal.data"),
    ("door-of-terminology", "carnet.records.actions.deposit", "carnet.terminology.tables"),
    ("door-of-identity", "carnet.spaces.data", "carnet.identity.rules.vigilance"),
    ("door-of-spaces", "carnet.access.gate", "carnet.spaces.queries.keys"),
    ("door-of-access", "carnet.records.queries.listing", "carnet.access.rules.decide"),
    ("door-of-records", "carnet.interfaces.portal.presenters.home", "carnet.records.actions.deposit"),
    ("door-of-messaging", "carnet.config.run", "carnet.messaging.queries.sealed"),
    ("door-of-sandbox", "carnet.config.run", "carnet.sandbox.population.load"),
    ("door-of-agenda", "carnet.config.run", "carnet.agenda.planted"),
    ("door-of-notifications", "carnet.config.run", "carnet.notifications.planted"),
    ("door-of-journeys", "carnet.config.run", "carnet.journeys.planted"),
]


@pytest.mark.parametrize(("contract", "importer", "imported"), PLANTED)
def test_a_planted_import_breaks_its_contract(contract, importer, imported):
    assert not keeps(contract, with_import(importer, imported))


def test_an_unplanned_package_breaks_the_layers():
    graph = copy.deepcopy(house())
    graph.add_module("carnet.services")
    assert not keeps("layers", graph)


def test_every_contract_has_a_planted_import():
    assert {contract for contract, _, _ in PLANTED} == set(contracts())


def test_every_capability_has_its_door_guarded():
    top = {child.rpartition(".")[2] for child in house().find_children("carnet")}
    guarded = {name.removeprefix("door-of-") for name in contracts() if name.startswith("door-of-")}
    assert top - WITHOUT_A_DOOR == guarded & top


def test_no_import_is_ignored_but_through_doors():
    """A contract stays a contract: the only ignored imports are those of a capability's own door."""
    for name, options in contracts().items():
        ignored = options.get("ignore_imports", [])
        allowed = f"carnet.** -> carnet.{name.removeprefix('door-of-')}.api"
        assert set(ignored) <= {allowed}


LATE = {"pyarrow"}
"""What one command needs takes no other process its third of a second and its memory (decision 0183)."""


def loaded_when_needed(one):
    """Nothing heavy that hardly anybody needs is imported by the mere import of a module."""
    yield Finding(one.path)
    for node in one.tree.body:
        names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if {name.partition(".")[0] for name in names} & LATE:
            yield Finding(f"{one.path}:{node.lineno}", f"imports {', '.join(names)} at once")


def test_what_is_heavy_is_loaded_when_needed():
    assert faults(loaded_when_needed, sources()) == []
    for planted in ("import pyarrow as pa", "from pyarrow import parquet"):
        assert faults(loaded_when_needed, [source(planted)])


def circles(graph: grimp.ImportGraph) -> list[Finding]:
    """A finding for each module; its problem names the others it turns in a circle with (Tarjan)."""
    modules = sorted(module for module in graph.modules if module.split(".")[0] == "carnet")
    order: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    findings = []

    def visit(module: str) -> None:
        order[module] = low[module] = len(order)
        stack.append(module)
        for imported in sorted(graph.find_modules_directly_imported_by(module)):
            if not imported.startswith("carnet"):
                continue
            if imported not in order:
                visit(imported)
                low[module] = min(low[module], low[imported])
            elif imported in stack:
                low[module] = min(low[module], order[imported])
        if low[module] == order[module]:
            ring = stack[stack.index(module) :]
            del stack[stack.index(module) :]
            problem = f"turns in a circle with {', '.join(ring[1:])}" if len(ring) > 1 else None
            findings.append(Finding(module, problem))

    for module in modules:
        if module not in order:
            visit(module)
    return findings


def test_no_module_turns_in_a_circle():
    assert problems(circles(house())) == []


@pytest.mark.parametrize(
    ("importer", "imported"),
    [
        ("carnet.infra.clock", "carnet.infra.randomness"),  # two modules
        ("carnet.infra.db.database", "carnet.infra.db"),  # a module and its own package
        ("carnet.kernel.ids", "carnet.records.actions.deposit"),  # far apart
    ],
)
def test_a_planted_circle_is_seen(importer, imported):
    assert problems(circles(with_import(importer, imported)))
