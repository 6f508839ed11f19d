"""Measurements: wall, CPU and peak memory of whole processes; contenders in turn."""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

# Where this is set, a program that is not installed would be compiled anew in every run.
_ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
LAUNCH = [sys.executable, "-I", "-S", str(Path(__file__).with_name("launch.py"))]


class Problem(Exception):
    """Why a contender has no figures."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One run: seconds of wall and CPU, peak resident memory in MiB."""

    wall: float
    cpu: float
    memory: float


@dataclass(frozen=True, slots=True)
class Contender:
    """A program in a row of the table.

    run:    does the work once, into an empty folder; raises `Problem`
    check:  looks at what is then in the folder; says what is wrong, or nothing
    """

    name: str
    run: Callable[[Path], Sample]
    check: Callable[[Path], str] = lambda _: ""


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
        return f"{min(walls):.3f}-{max(walls):.3f}"

    @property
    def cpu(self) -> float:
        """Median CPU seconds."""
        return statistics.median(each.cpu for each in self.samples)

    @property
    def memory(self) -> float:
        """Largest peak memory of all runs in MiB."""
        return max(each.memory for each in self.samples)


def race(contenders: Sequence[Contender], runs: int, folder: Path) -> list[Result]:
    """Run the contenders in turn, A B C A B C, after one round that does not count."""
    samples: dict[str, list[Sample]] = {each.name: [] for each in contenders}
    problems: dict[str, str] = {}
    for turn in range(runs + 1):
        for each in contenders:
            if each.name in problems:
                continue
            try:
                sample = _one_run(each, folder)
            except Problem as problem:
                problems[each.name] = str(problem)
                samples[each.name].clear()
            else:
                samples[each.name] += [sample] if turn else []
    shutil.rmtree(folder, ignore_errors=True)
    return [
        Result(each.name, tuple(samples[each.name]), problems.get(each.name, ""))
        for each in contenders
    ]


def _one_run(contender: Contender, folder: Path) -> Sample:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    sample = contender.run(folder)
    if wrong := contender.check(folder):
        raise Problem(wrong)
    return sample


def process(
    command: Sequence[str], env: Mapping[str, str] | None = None, *, status: int = 0
) -> Sample:
    """Run a command to its end and measure it from outside.

    env:     added to this process's environment
    status:  the exit status that is expected; another one is a `Problem`
    """
    if shutil.which(command[0]) is None:
        raise Problem("not installed")
    return take_report([*LAUNCH, *command], env, status=status)


def take_report(
    command: Sequence[str], env: Mapping[str, str] | None = None, *, status: int = 0
) -> Sample:
    """Run a program that itself prints its seconds, CPU seconds, peak KiB and exit status."""
    done = subprocess.run(
        command, capture_output=True, text=True, env={**_ENVIRONMENT, **(env or {})}
    )
    if done.returncode:
        raise Problem(f"exit {done.returncode}: {done.stderr[-300:]}")
    wall, cpu, peak, left = done.stdout.split()
    if int(left) != status:
        raise Problem(f"exit {left}: {done.stderr[-300:].strip()}")
    return Sample(float(wall), float(cpu), int(peak) / 1024)
