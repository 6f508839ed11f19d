"""Side by side with the peers: `python -m benchmarks [ROW …] [--runs N] [--json FILE]`."""

from __future__ import annotations

import argparse
import json
import os
import platform
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import venv
from importlib.metadata import distributions
from pathlib import Path

from .contenders import Bench
from .data import Data, memory_folder
from .measure import race
from .rows import all_rows
from .servers import latency, nginx, nginx_program
from .table import as_dict, as_text

CACHE = Path(__file__).parent / ".cache"
PEERS = ("yt-dlp", "gallery-dl", "httpx", "parfive", "streamlink", "pycryptodomex")
SYSTEM = {
    "nginx": "nginx-light",
    "curl": "curl",
    "wget": "wget",
    "aria2c": "aria2",
    "ffmpeg": "ffmpeg",
}
LONG = ("2g", "small20k")


def main() -> None:
    """Install the peers, serve the data, run the rows, print the tables."""
    options = _options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the server and the data go too
    if options.install_system:
        _install_system()
    peers = _peers()
    machine = _machine(peers)
    print("\n".join(f"{what}: {value}" for what, value in machine.items()))
    tables = []
    with tempfile.TemporaryDirectory(dir=memory_folder()) as folder:
        served, out = Path(folder, "served"), Path(folder, "out")
        served.mkdir()
        Path(folder).chmod(0o755)  # a server that root starts reads as somebody else
        with nginx(served) as origin, latency(origin, 0.03) as delayed:
            extra = tuple(shlex.split(options.reelin))
            env = dict(each.partition("=")[::2] for each in options.env)
            rows = all_rows(Bench(Data(served), origin, delayed, peers, extra, env))
            wanted = options.rows or [name for name in rows if name not in LONG]
            if unknown := [name for name in wanted if name not in rows]:
                sys.exit(f"there is no row {unknown[0]!r}; there are {', '.join(rows)}")
            for name in wanted:
                row = rows[name]()
                results = race(row.contenders, options.runs, out)
                print(as_text(f"{name}: {row.what}", results, row.goals), flush=True)
                tables.append(as_dict(name, results, row.goals))
    if options.json:
        Path(options.json).write_text(json.dumps({"machine": machine, "rows": tables}, indent=1))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks", description=(__doc__ or "").strip())
    parser.add_argument("rows", nargs="*", metavar="ROW", help="as in benchmarks/README.md")
    parser.add_argument("--runs", type=int, default=5, help="counted runs of each contender")
    parser.add_argument("--json", metavar="FILE", help="write all figures there too")
    parser.add_argument("--reelin", default="", metavar="ARGS", help="further options of reelin")
    parser.add_argument(
        "--env", action="append", default=[], metavar="KEY=VALUE", help="set for reelin only"
    )
    parser.add_argument(
        "--install-system", action="store_true", help="apt-get install the missing peers"
    )
    return parser.parse_args()


def _install_system() -> None:
    missing = [package for name, package in SYSTEM.items() if not _program(name)]
    if missing:
        subprocess.run(["apt-get", "install", "-y", *missing], check=True)


def _program(name: str) -> str | None:
    return nginx_program() if name == "nginx" else shutil.which(name)


def _peers() -> Path:
    """The bin folder of an environment with the peers from PyPI, made once."""
    scripts = CACHE / "bin"
    ready = CACHE / "peers.txt"
    if not ready.exists() or ready.read_text() != " ".join(PEERS):
        print(f"installing {', '.join(PEERS)} into {CACHE.name}/ …", flush=True)
        venv.create(CACHE, with_pip=True, clear=True)
        subprocess.run([str(scripts / "python"), "-m", "pip", "install", "-q", *PEERS], check=True)
        ready.write_text(" ".join(PEERS))
    return scripts


def _machine(peers: Path) -> dict[str, str]:
    """What was measured where: cores, Python, versions of the peers."""
    found = {
        each.name.lower().replace("_", "-"): each.version
        for each in distributions(path=[str(path) for path in peers.parent.glob("lib/*/site-*")])
    }
    libraries = [f"{name} {found.get(name, 'not installed')}" for name in PEERS]
    tools = [f"{name} {_version(name)}" for name in SYSTEM]
    return {
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "python": platform.python_version(),
        "peers": ", ".join([*tools, *libraries]),
    }


def _version(name: str) -> str:
    """The version in the first line that a program prints when asked."""
    program = _program(name)
    if program is None:
        return "not installed"
    asked = [program, {"nginx": "-v", "ffmpeg": "-version"}.get(name, "--version")]
    said = subprocess.run(asked, capture_output=True, text=True)
    words = (said.stdout or said.stderr).splitlines()[0].replace("/", " ").split()
    return next((word for word in words if word[0].isdigit()), "of unknown version")


if __name__ == "__main__":
    main()
