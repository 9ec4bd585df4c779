"""The machine that is measured on: its cores, and what processes cost there."""

import os
import platform
from collections.abc import Iterable
from pathlib import Path

import psutil

CORES = sorted(os.sched_getaffinity(0))
# What is measured has a core of its own; what it works with shares the rest.
SERVER_CORES = {CORES[0]}
OTHER_CORES = set(CORES[1:]) or SERVER_CORES


def pin(pids: Iterable[int], cores: set[int]) -> None:
    """Keep processes, and what they start from now on, on these cores."""
    for pid in pids:
        for thread in Path(f"/proc/{pid}/task").iterdir():
            os.sched_setaffinity(int(thread.name), cores)


def family(pid: int) -> list[psutil.Process]:
    """A process and all that descend from it."""
    parent = psutil.Process(pid)
    return [parent, *parent.children(recursive=True)]


def cpu_seconds(pids: Iterable[int]) -> float:
    """CPU time that these process trees have used, of those alive now."""
    total = 0.0
    for pid in pids:
        for process in family(pid):
            times = process.cpu_times()
            total += times.user + times.system
    return total


def resident(pid: int) -> int:
    """Bytes of memory that the largest process of this tree holds."""
    return max(process.memory_info().rss for process in family(pid))


def description() -> dict[str, str | int]:
    """What the figures of a run depend on, without the machine's name."""
    return {
        "cores": len(CORES),
        "processor": _processor(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "load_before": round(os.getloadavg()[0], 2),
    }


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
