"""What a run cost: processor time and memory of groups of processes, read from /proc; and what machine it ran on."""

import os
import platform
from collections.abc import Iterable
from pathlib import Path

import msgspec
import psutil

MEGABYTE = 1024 * 1024


def cpu_seconds(processes: Iterable[psutil.Process]) -> float:
    """Return the processor seconds used so far by these processes and their threads."""
    total = 0.0
    for process in processes:
        try:
            used = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += used.user + used.system
    return total


def own_seconds() -> float:
    """Return the processor seconds used so far by this process and the children it has waited for."""
    used = psutil.Process().cpu_times()
    return float(used.user + used.system + used.children_user + used.children_system)


def busy_seconds() -> float:
    """Return the processor seconds the whole machine has used so far."""
    used = psutil.cpu_times()
    return float(used.user + used.nice + used.system + used.irq + used.softirq)


def cores() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0))


def memory(processes: Iterable[psutil.Process]) -> list[float]:
    """Return the resident memory of each process, in megabytes."""
    return [process.memory_info().rss / MEGABYTE for process in processes if process.is_running()]


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    """Where the figures come from; no name of any host."""

    cores: int
    memory: int
    processor: str
    system: str
    python: str
    postgresql: str


def describe(postgresql: str) -> Machine:
    """Return this machine."""
    return Machine(
        cores=cores(),
        memory=round(psutil.virtual_memory().total / 1024**3),
        processor=_processor(),
        system=f"{platform.system()} {platform.release().partition('-')[0]}",
        python=platform.python_version(),
        postgresql=postgresql,
    )


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
