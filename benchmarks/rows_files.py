"""The rows of files: one large one, many small ones, one ZIP of many."""

from __future__ import annotations

from .contenders import Bench, Row, tool
from .data import MIB
from .table import Goal


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


def slow_connections(bench: Bench) -> Row:
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


def one_zip(bench: Bench, served: str, goals: tuple[Goal, ...]) -> Row:
    """The files of a page as one ZIP."""
    listing = bench.data.listing(bench.origin, served, "curl")
    curl = "curl -s --parallel --parallel-max 16 --output-dir {} --config " + listing
    pack = "cd {} && zip -q -0 -r -m a.zip ."
    count, size = served.split("x")
    return Row(
        f"a page with {int(count):,} files of {int(size) // 1024:,} KiB to one ZIP, 16 workers",
        (
            bench.zip_page(served),
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
