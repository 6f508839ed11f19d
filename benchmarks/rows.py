"""The rows of the benchmark: what is downloaded, by whom, and what the goal is."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from .data import MIB, Data
from .measure import Contender, Sample, process, reported
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

    def zipped(self, served: str) -> Contender:
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


def one_big(bench: Bench, size: int, goals: tuple[Goal, ...]) -> Row:
    """One large file over plain HTTP."""
    served = bench.data.big(size)
    url, same = f"{bench.origin}/{served}", bench.data.same(served)
    listing = bench.data.folder / "one.plain"
    listing.write_text(url + "\n")
    ytdlp = (f"{bench.peers}/yt-dlp", "-q", "--no-config", "-P", "{}")
    return Row(
        f"one file of {size} MiB",
        (
            bench.reelin(url, "--plugin", "direct", check=same),
            tool("curl", same, *"curl -s -o {}/f.mp4".split(), url),
            tool("wget", same, *"wget -q -P {}".split(), url),
            tool("aria2c -x1", same, *"aria2c -q -x1 -d {}".split(), url),
            tool("yt-dlp", same, *ytdlp, url),
            bench.script("httpx", str(listing), 1, same),
            bench.script("parfive", str(listing), 1, same),
        ),
        goals,
    )


def throttled(bench: Bench) -> Row:
    """One large file at 10 MiB/s a connection: parallel ranges pay."""
    served = bench.data.big(512)
    url, same = f"{bench.origin}/slow/{served}", bench.data.same(served)
    return Row(
        "512 MiB at 10 MiB/s a connection",
        (
            bench.reelin(url, "--plugin", "direct", "--connections", "16", check=same),
            bench.reelin(url, "--plugin", "direct", check=same, name="reelin by itself"),
            tool("aria2c -x16", same, *"aria2c -q -x16 -s16 -k1M -d {}".split(), url),
            tool("curl", same, *"curl -s -o {}/f.mp4".split(), url),
        ),
        (
            Goal("aria2c -x16", 1.05),
            Goal("curl", 0.25, 0.25),
            Goal("curl", 0.25, subject="reelin by itself"),
        ),
    )


def small_files(bench: Bench) -> Row:
    """A page with many small images; peers get a list of their URLs instead."""
    served = bench.data.many(2000, 65536)
    check, plain = bench.data.all_there(served), bench.data.listing(bench.origin, served, "plain")
    gallery = (f"{bench.peers}/gallery-dl", "-q", "--config-ignore", "-D", "{}", "-i", plain)
    return Row(
        "a page with 2,000 images of 64 KiB, 16 workers",
        (
            bench.page(served),
            bench.aria2(served),
            bench.curl(served),
            tool("gallery-dl", check, *gallery),
            bench.script("httpx", plain, 16, check),
            bench.script("parfive", plain, 16, check),
        ),
        (
            Goal("aria2c -j16", 1.35, 1.5),
            Goal("curl --parallel", 3.0),
            Goal("gallery-dl", 0.2, 0.2),
            Goal("httpx", 0.2, 0.2),
            Goal("parfive", 0.4),
        ),
    )


def more_small_files(bench: Bench) -> Row:
    """Ten times as many of them, and how time and memory grow."""
    served, fewer = bench.data.many(20_000, 65536), bench.data.many(2000, 65536)
    return Row(
        "a page with 20,000 images of 64 KiB, 16 workers",
        (
            bench.page(served),
            bench.page(fewer, "reelin, 2,000"),
            bench.aria2(served),
            bench.curl(served),
        ),
        (
            Goal("aria2c -j16", 1.0),
            Goal("", 64, figure="memory"),
            Goal("reelin, 2,000", 1.5, share=0.1),
            Goal("reelin, 2,000", 1.3, figure="memory"),
        ),
    )


def with_latency(bench: Bench) -> Row:
    """The small files behind 30 ms of latency a request."""
    served = bench.data.many(2000, 65536)
    return Row(
        "2,000 images of 64 KiB behind 30 ms of latency a request, 16 workers",
        (bench.page(served, origin=bench.delayed), bench.curl(served, bench.delayed)),
        (Goal("curl --parallel", 1.06, 1.15),),
    )


def middle_files(bench: Bench) -> Row:
    """A hundred files of 10 MiB."""
    served = bench.data.many(100, 10 * MIB)
    return Row(
        "a page with 100 files of 10 MiB, 16 workers",
        (bench.page(served), bench.aria2(served), bench.curl(served)),
        (Goal("aria2c -j16", 0.8, 1.0), Goal("curl --parallel", 1.0)),
    )


def zipped(bench: Bench, served: str, goals: tuple[Goal, ...]) -> Row:
    """The files of a page as one ZIP."""
    listing = bench.data.listing(bench.origin, served, "curl")
    curl = "curl -s --parallel --parallel-max 16 --output-dir {} --config " + listing
    pack = "cd {} && zip -q -0 -r -m a.zip ."
    count, size = served.split("x")
    return Row(
        f"a page with {int(count):,} files of {int(size) // 1024:,} KiB to one ZIP, 16 workers",
        (
            bench.zipped(served),
            bench.page(served, "reelin --output"),
            tool(
                "curl --parallel, zip -0",
                bench.data.all_zipped(served),
                *("sh", "-c", f"{curl} && {pack}"),
            ),
        ),
        (*goals, Goal("reelin --output", 1.15, 1.15), Goal("", 143, 143, figure="memory")),
    )


def tiny_files(bench: Bench) -> Row:
    """Ten thousand items on one page, and a thousand, for the growth."""
    served, fewer = bench.data.many(10_000, 1024), bench.data.many(1000, 1024)
    return Row(
        "a page with 10,000 images of 1 KiB, 16 workers",
        (bench.page(served), bench.page(fewer, "reelin, 1,000"), bench.aria2(served)),
        (
            Goal("", 30, 30),
            Goal("", 143, 143, figure="memory"),  # 150 MB
            Goal("reelin, 1,000", 1.0, 1.5, share=0.1),
        ),
    )


def hls(bench: Bench, count: int, goals: tuple[Goal, ...], *, encrypted: bool = False) -> Row:
    """An HLS stream, fetched into the `.ts` that its segments are."""
    served = bench.data.stream(count, encrypted=encrypted)
    words = "encrypted with AES-128" if encrypted else "plain"
    return Row(
        f"HLS, {count:,} segments of 500 KB, {words}",
        _hls(bench, f"{bench.origin}/{served}/film.m3u8", served, same=not encrypted),
        goals,
    )


def hls_with_latency(bench: Bench) -> Row:
    """An HLS stream behind 30 ms of latency a request."""
    served = bench.data.stream(100)
    return Row(
        "HLS, 100 segments of 500 KB behind 30 ms of latency a request",
        _hls(bench, f"{bench.delayed}/{served}/film.m3u8", served, same=True),
        (Goal("ffmpeg", 0.8), Goal("yt-dlp -N 8", 0.42), Goal("streamlink", 0.75)),
    )


def _hls(bench: Bench, url: str, served: str, *, same: bool) -> tuple[Contender, ...]:
    data = bench.data
    check = data.joined(served) if same else data.film(served)
    ytdlp = (f"{bench.peers}/yt-dlp", *"-q --no-config --fixup never -N 8 -o {}/f.ts".split())
    threads = "--stream-segment-threads 8 --stream-timeout 60".split()
    streamlink = (f"{bench.peers}/streamlink", "--no-config", "-Q", *threads, "-o", "{}/f.ts")
    plain = "--plugin m3u8 --connections 8".split()
    return (
        bench.reelin(url, *plain, check=check, env=without_ffmpeg(data.folder)),
        tool("ffmpeg", data.film(served), *"ffmpeg -v error -i".split(), url, *_COPY, "{}/f.ts"),
        tool("yt-dlp -N 8", check, *ytdlp, url),
        tool("streamlink", check, *streamlink, url, "best"),
    )


def remux(bench: Bench) -> Row:
    """The same stream made into the `.mp4` that people get."""
    served = bench.data.stream(1000)
    url, check = f"{bench.origin}/{served}/film.m3u8", bench.data.film(served)
    return Row(
        "HLS, 1,000 segments of 500 KB, put into an MP4",
        (
            bench.reelin(url, *"--plugin m3u8 --connections 8".split(), check=check),
            tool("ffmpeg", check, *"ffmpeg -v error -i".split(), url, *_COPY, *_MP4, "{}/f.mp4"),
        ),
        (Goal("ffmpeg", 1.0),),
    )


_COPY = ("-c", "copy")
_MP4 = ("-movflags", "+faststart")


def without_ffmpeg(folder: Path) -> dict[str, str]:
    """An environment in which a program of Python finds no ffmpeg."""
    hidden = folder / "no-ffmpeg"
    hidden.mkdir(exist_ok=True)
    (hidden / "imageio_ffmpeg.py").write_text("raise ImportError\n")
    paths = [str(hidden), os.environ.get("PYTHONPATH", "")]
    return {"PATH": str(hidden), "PYTHONPATH": os.pathsep.join(filter(None, paths))}


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
        return Contender(name, lambda _: reported(command))

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
        "conn10": lambda: throttled(bench),
        "small": lambda: small_files(bench),
        "small20k": lambda: more_small_files(bench),
        "small-lat30": lambda: with_latency(bench),
        "mid": lambda: middle_files(bench),
        "items10k": lambda: tiny_files(bench),
        "zip-small": lambda: zipped(
            bench, bench.data.many(2000, 65536), (Goal("curl --parallel, zip -0", 1.1),)
        ),
        "zip-mid": lambda: zipped(
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
