"""The contenders of a row: reelin as a user calls it, and its peers with the same work."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from .data import Data
from .measure import Contender, Sample, process
from .table import Goal

HERE = Path(__file__).parent
MAIN = (sys.executable, str(HERE.parent / "main.py"))


@dataclass(frozen=True, slots=True)
class Row:
    """A row; reelin's own contender is the first."""

    what: str
    contenders: tuple[Contender, ...]
    goals: tuple[Goal, ...]


@dataclass(frozen=True, slots=True)
class Bench:
    """What the rows are made of.

    origin:   of the server
    delayed:  of the same server behind the proxy
    peers:    the bin folder of the environment that has the peers from PyPI
    options:  further options of reelin, for experiments
    env:      further environment of reelin, for experiments
    """

    data: Data
    origin: str
    delayed: str
    peers: Path
    options: tuple[str, ...]
    env: Mapping[str, str]

    def reelin(
        self,
        url: str,
        *options: str,
        check: Callable[[Path], str],
        name: str = "reelin",
        status: int = 0,
        env: Mapping[str, str] | None = None,
    ) -> Contender:
        """reelin as a user calls it."""

        def run(folder: Path) -> Sample:
            where = ("-o", str(folder), "-q", "--no-config")
            command = (*MAIN, url, "run", *where, *options, *self.options)
            return process(command, {**self.env, **(env or {})}, status=status)

        return Contender(name, run, check)

    def page(self, served: str, name: str = "reelin", origin: str = "") -> Contender:
        """reelin with the page of a folder."""
        return self.reelin(
            f"{origin or self.origin}/{served}/page.html",
            *("--plugin", "direct", "--workers", "16"),
            check=self.data.all_there(served),
            name=name,
        )

    def zip_page(self, served: str) -> Contender:
        """reelin with the page of a folder, as one ZIP to a pipe's end."""
        page = f"{self.origin}/{served}/page.html"
        options = ("--plugin", "direct", "--workers", "16", "-q", "--no-config", *self.options)

        def run(folder: Path) -> Sample:
            command = ("sh", "-c", 'out=$1; shift; exec "$@" > "$out"', "sh", str(folder / "a.zip"))
            return process((*command, *MAIN, page, "--zip", "-", *options), self.env)

        return Contender("reelin", run, self.data.all_zipped(served))

    def script(
        self, name: str, listing: str, workers: int, check: Callable[[Path], str]
    ) -> Contender:
        """A peer that is a library, in a script of our own."""
        script = str(HERE / "peers" / f"{name}_list.py")
        return tool(name, check, f"{self.peers}/python", script, listing, "{}", str(workers))

    def aria2(self, served: str) -> Contender:
        """aria2c with the list of a folder."""
        listing = self.data.listing(self.origin, served, "aria2")
        check = self.data.all_there(served)
        return tool("aria2c -j16", check, *"aria2c -q -j16 -d {} -i".split(), listing)

    def curl(self, served: str, origin: str = "") -> Contender:
        """curl --parallel with the list of a folder."""
        config = self.data.listing(origin or self.origin, served, "curl")
        command = "curl -s --parallel --parallel-max 16 --output-dir {} --config"
        return tool("curl --parallel", self.data.all_there(served), *command.split(), config)


def tool(name: str, check: Callable[[Path], str], *command: str) -> Contender:
    """A peer; `{}` in its command stands for the folder."""

    def run(folder: Path) -> Sample:
        return process([part.replace("{}", str(folder)) for part in command])

    return Contender(name, run, check)
