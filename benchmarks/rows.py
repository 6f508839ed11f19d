"""The rows of the benchmark by name, with their goals; those of start-up and of reading pages."""

from __future__ import annotations

import sys
from collections.abc import Callable

from .contenders import HERE, MAIN, Bench, Row
from .data import MIB
from .measure import Contender, process, take_report
from .rows_files import (
    middle_files,
    more_small_files,
    one_big,
    one_zip,
    slow_connections,
    small_files,
    tiny_files,
    with_latency,
)
from .rows_streams import hls, hls_with_latency, remux
from .table import Goal


def start(bench: Bench) -> Row:
    """What a start costs."""
    (bench.data.folder / "empty.html").write_text("<p>nothing here")
    no_op = bench.reelin(
        f"{bench.origin}/empty.html", check=lambda _: "", name="reelin, a page", status=3
    )
    bare = "python -c pass"
    return Row(
        "start-up: --help, --version, and a page without media",
        (
            Contender("reelin --help", lambda _: process([*MAIN, "--help"], bench.env)),
            Contender("reelin --version", lambda _: process([*MAIN, "--version"], bench.env)),
            no_op,
            Contender(bare, lambda _: process([sys.executable, "-c", "pass"])),
        ),
        (
            Goal("", 0.045, 0.2, subject="reelin --help"),
            Goal("", 0.045, 0.2, subject="reelin --version"),
            Goal(bare, 4, subject="reelin --help"),
            Goal(bare, 4, subject="reelin --version"),
            Goal("", 0.26, subject="reelin, a page"),
        ),
    )


def links(bench: Bench, size: int, seconds: float) -> Row:
    """Reading a page, by the ways of `links.py`; all that reelin does, within so many seconds."""
    page = bench.data.links(size)
    count = 2 * page.read_bytes().count(b"<img ")

    def reader(name: str, way: str) -> Contender:
        command = [sys.executable, str(HERE / "links.py"), way, str(page), str(count)]
        return Contender(name, lambda _: take_report(command))

    return Row(
        f"the {count:,} links of a page of {size // 1000:,} kB, without start-up",
        (
            reader("reelin page.urls", "urls"),
            reader("reelin direct", "direct"),
            reader("reelin, all", "everything"),
            reader("bs4 on lxml", "bs4"),
        ),
        (
            Goal("bs4 on lxml", 0.07, subject="reelin page.urls"),
            Goal("bs4 on lxml", 1.0, subject="reelin direct"),
            Goal("", seconds, seconds, subject="reelin, all"),
        ),
    )


def all_rows(bench: Bench) -> dict[str, Callable[[], Row]]:
    """The rows by name, made when they are run."""
    half = (Goal("curl", 1.1, 1.5), *(Goal(each, 1.0, 1.0) for each in ("wget", "yt-dlp", "httpx")))
    two = (Goal("curl", 0.9), Goal("aria2c -x1", 0.75), Goal("", 60, figure="memory"))
    return {
        "512m": lambda: one_big(bench, 512, (*half, Goal("parfive", 1.0, 1.0))),
        "2g": lambda: one_big(bench, 2048, two),
        "conn10": lambda: slow_connections(bench),
        "small": lambda: small_files(bench),
        "small20k": lambda: more_small_files(bench),
        "small-lat30": lambda: with_latency(bench),
        "mid": lambda: middle_files(bench),
        "items10k": lambda: tiny_files(bench),
        "zip-small": lambda: one_zip(
            bench, bench.data.many(2000, 65536), (Goal("curl --parallel, zip -0", 1.1),)
        ),
        "zip-mid": lambda: one_zip(
            bench, bench.data.many(100, 10 * MIB), (Goal("curl --parallel, zip -0", 0.25),)
        ),
        "hls": lambda: hls(
            bench,
            1000,
            (
                Goal("ffmpeg", 0.8, 1.0),
                Goal("yt-dlp -N 8", 0.16, 0.33),
                Goal("streamlink", 0.25, 0.33),
                Goal("", 143, 143, figure="memory"),  # 150 MB
            ),
        ),
        "hls-aes": lambda: hls(
            bench,
            1000,
            (
                Goal("ffmpeg", 0.25, 0.33),
                Goal("yt-dlp -N 8", 0.16, 0.33),
                Goal("", 143, 143, figure="memory"),
            ),
            encrypted=True,
        ),
        "hls-lat30": lambda: hls_with_latency(bench),
        "hls-mp4": lambda: remux(bench),
        "start": lambda: start(bench),
        "extract100k": lambda: links(bench, 100_000, 0.012),
        "extract": lambda: links(bench, MIB, 0.1),
        "extract5m": lambda: links(bench, 5 * MIB, 0.7),
    }
