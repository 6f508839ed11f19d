"""Whole processes, measured from outside: wall, CPU, peak memory; contenders in turn."""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Contender:
    """A program in a row of the table. `command` gets the folder that it is to download into."""

    name: str
    command: Callable[[Path], list[str]]


@dataclass(frozen=True, slots=True)
class Sample:
    """One run: seconds of wall and CPU, peak resident memory in MiB."""

    wall: float
    cpu: float
    memory: float


@dataclass(frozen=True, slots=True)
class Result:
    """All runs of one contender in a row; `problem` says why there are none."""

    name: str
    samples: tuple[Sample, ...] = ()
    problem: str = ""

    @property
    def wall(self) -> float:
        """Median seconds."""
        return statistics.median(each.wall for each in self.samples)

    @property
    def spread(self) -> str:
        """Shortest to longest run in seconds."""
        walls = [each.wall for each in self.samples]
        return f"{min(walls):.2f}-{max(walls):.2f}"

    @property
    def cpu(self) -> float:
        """Median CPU seconds."""
        return statistics.median(each.cpu for each in self.samples)

    @property
    def memory(self) -> float:
        """Largest peak memory of all runs in MiB."""
        return max(each.memory for each in self.samples)


def race(
    contenders: Sequence[Contender], runs: int, folder: Path, check: Callable[[Path], str]
) -> list[Result]:
    """Run the contenders in turn, A B C A B C, after one round that does not count.

    check: looks at what was downloaded; what is wrong, or nothing
    """
    samples: dict[str, list[Sample]] = {each.name: [] for each in contenders}
    problems: dict[str, str] = {}
    for turn in range(runs + 1):
        for each in contenders:
            if each.name in problems:
                continue
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            try:
                sample = measured(each.command(folder))
            except (OSError, RuntimeError) as error:
                problems[each.name] = str(error)
                continue
            wrong = check(folder)
            if wrong:
                problems[each.name] = wrong
            elif turn:
                samples[each.name].append(sample)
    shutil.rmtree(folder, ignore_errors=True)
    return [
        Result(each.name, tuple(samples[each.name]), problems.get(each.name, ""))
        for each in contenders
    ]


def measured(command: list[str]) -> Sample:
    """Run a command to its end. Raises `RuntimeError` if it fails, `OSError` if it is missing."""
    if shutil.which(command[0]) is None:
        raise OSError("not installed")
    started = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        errors = process.stderr.read() if process.stderr else b""
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - started
    if process.returncode not in (0, 3):  # 3: reelin found nothing, which one row is about
        raise RuntimeError(f"exit {process.returncode}: {errors[-200:].decode(errors='replace')}")
    return Sample(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)
