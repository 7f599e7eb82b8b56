"""The measured part of `docs/performance.md`: the figures of one run beside their floors, its command and machine.

What people wrote around it (what was tried, what the figures do not show) stays as it is.
"""

from collections.abc import Sequence

import msgspec

from bench.floors import Floor
from bench.machine import Machine
from bench.measure import Measured
from bench.scenarios import Scenario

ENOUGH = 0.5
QUICK_ENOUGH_MS = 50.0
WORKER_MEGABYTES = 250.0
AT_EIGHT = 8
BEGIN, END = "<!-- written by make bench: begin -->", "<!-- written by make bench: end -->"


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One scenario at one number of connections, and its floor measured right after."""

    scenario: Scenario
    measured: Measured
    floor: Floor

    @property
    def ratio(self) -> float:
        return self.measured.outcome.rate / self.floor.rate


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a report needs. grown: megabytes the largest worker gained while 5 MB documents streamed."""

    command: str
    client: str
    machine: Machine
    workers: int
    spaces: int
    documents: int
    idle_memory: float
    grown: float | None
    lines: Sequence[Line]


def placed(measured: str, *, into: str) -> str:
    """Return the page `into` with its measured part replaced; at its end when it has none yet."""
    before, begun, rest = into.partition(BEGIN)
    _, ended, after = rest.partition(END)
    if not (begun and ended):
        before, after = into.rstrip("\n") + "\n\n", "\n"
    return f"{before}{BEGIN}\n\n{measured}\n{END}{after}"


def section(run: Run) -> str:
    """Return the measured part."""
    machine = run.machine
    return "\n".join(
        [
            "## One whole run of the bench",
            "",
            f"Made by `{run.command}` (also `make bench`); the figures are of that run alone. Machines and neighbours",
            "vary, so the ratio to the floor of the same run is what counts.",
            "",
            f"- Machine: {machine.cores} cores shared by web workers, PostgreSQL and load; {machine.memory} GiB;",
            f"  {machine.processor}; {machine.system}; Python {machine.python}; PostgreSQL {machine.postgresql}.",
            f"- House: {run.workers} web workers, {run.spaces} spaces of {run.documents} documents, local disk; every",
            f"  commit and every content synced. Load: {run.client}, over loopback.",
            f"- Other programs of the machine used {_others(run):.0%} of its processors while requests were counted.",
            "- Everything is included: token, decision, row security, decryption, durable journal before content.",
            "",
            "| what | connections | requests/s | p50 ms | p99 ms | CPU web ms | CPU database ms | floor/s | of floor |",
            "|---|--:|--:|--:|--:|--:|--:|--:|--:|",
            *(_row(line) for line in run.lines),
            "",
            "Floor: the statements of one real answer in pgbench, prepared, in the same messages; for deposits with",
            "the same bytes sealed, written, synced; for reads with the same bytes read and opened. CPU is processor",
            "time a request; the database's includes its writers.",
            "",
            "### Goals, in this run",
            "",
            "| goal | reached |",
            "|---|---|",
            *(f"| {what} | {seen} |" for what, seen in goals(run)),
            "",
        ]
    )


def _others(run: Run) -> float:
    shares = [share for line in run.lines for share in (line.measured.others, line.floor.others)]
    return sum(shares) / max(len(shares), 1)


def _row(line: Line) -> str:
    one, out = line.measured, line.measured.outcome
    return (
        f"| {line.scenario.title} | {one.connections} | {out.rate:.0f} | {out.p50:.1f} | {out.p99:.1f} "
        f"| {one.web:.2f} | {one.database:.2f} | {line.floor.rate:.0f} | {line.ratio:.0%} |"
    )


def goals(run: Run) -> list[tuple[str, str]]:
    """Return each goal of the issue and what was reached, in words that do not flatter."""
    found = []
    for scenario in {line.scenario.name: line.scenario for line in run.lines}.values():
        lines = [line for line in run.lines if line.scenario.name == scenario.name]
        best = max(lines, key=lambda line: line.measured.outcome.rate)
        rate = best.measured.outcome.rate
        if scenario.goal is not None:
            aim = f" (aim {scenario.aim})" if scenario.aim else ""
            found.append((f"{scenario.title}: ≥ {scenario.goal}/s{aim}", _seen(rate >= scenario.goal, f"{rate:.0f}/s")))
        ratio = max(line.ratio for line in lines)
        found.append((f"{scenario.title}: ≥ 50 % of the floor", _seen(ratio >= ENOUGH, f"{ratio:.0%}")))
        for line in lines:
            if line.measured.connections == AT_EIGHT:
                p99 = line.measured.outcome.p99
                within = _seen(p99 < QUICK_ENOUGH_MS, f"{p99:.1f} ms")
                found.append((f"{scenario.title}: p99 under 50 ms at 8 connections", within))
    most = max(line.measured.memory for line in run.lines)
    memory = f"{most:.0f} MB at most, {run.idle_memory:.0f} MB before the load"
    found.append(("memory of a web worker under 250 MB", _seen(most < WORKER_MEGABYTES, memory)))
    if run.grown is not None:
        found.append(("5 MB streams in constant memory", f"{run.grown:+.0f} MB while they streamed"))
    return found


def _seen(reached: bool, figure: str) -> str:  # noqa: FBT001 - a yes or a no
    return f"{'yes' if reached else '**no**'}, {figure}"
