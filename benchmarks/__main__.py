"""Side by side with the peers: `python -m benchmarks [ROW …] [--runs N]`."""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from .measure import Result, race
from .rows import Data, Row, all_rows, memory_folder
from .servers import latency, nginx

CACHE = Path(__file__).parent / ".cache"
PEERS = ("yt-dlp", "gallery-dl", "httpx", "parfive")
USUAL = ("512m", "conn10", "small", "lat30", "mid", "items10k", "start")


def main() -> None:
    """Install the peers, serve the data, run the rows, print the tables."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=(__doc__ or "").strip())
    parser.add_argument(
        "rows", nargs="*", metavar="ROW", help=f"of {', '.join(USUAL)}, 2048m, small20000"
    )
    parser.add_argument("--runs", type=int, default=5, help="counted runs of each contender")
    options = parser.parse_args()
    peers = _peers()
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    with tempfile.TemporaryDirectory(dir=memory_folder()) as folder:
        served, out = Path(folder, "served"), Path(folder, "out")
        served.mkdir()
        Path(folder).chmod(0o755)
        data = Data(served, peers)
        with nginx(served) as origin, latency(origin, 0.03) as delayed:
            rows = all_rows(data, origin, delayed)
            for name in options.rows or USUAL:
                if name not in rows:
                    parser.error(f"there is no row {name!r}; there are {', '.join(rows)}")
                row = rows[name]()
                _print(row, race(row.contenders, options.runs, out, row.check))


def _peers() -> Path:
    """The bin folder of an environment with the peers from PyPI, made once."""
    scripts = CACHE / ("Scripts" if sys.platform == "win32" else "bin")
    if not (scripts / "gallery-dl").exists():
        print(f"installing {', '.join(PEERS)} into {CACHE.name}/ …", flush=True)
        venv.create(CACHE, with_pip=True)
        subprocess.run([str(scripts / "python"), "-m", "pip", "install", "-q", *PEERS], check=True)
    return scripts


def _print(row: Row, results: list[Result]) -> None:
    print(f"\n{row.name}: {row.what}")
    print(f"  {'':18} {'median s':>9} {'min-max':>13} {'cpu s':>7} {'MiB':>6}  reelin / it")
    ours = results[0]
    goals = dict(row.goals)
    for each in results:
        if not each.samples:
            print(f"  {each.name:18} {each.problem}")
            continue
        ratio = ours.wall / each.wall if ours.samples else float("nan")
        goal = goals.get(each.name)
        verdict = (
            "" if goal is None else f"  goal <= {goal:g}: {'met' if ratio <= goal else 'missed'}"
        )
        print(
            f"  {each.name:18} {each.wall:9.3f} {each.spread:>13} {each.cpu:7.2f}"
            f" {each.memory:6.0f}  {ratio:11.2f}{verdict}",
            flush=True,
        )


if __name__ == "__main__":
    main()
