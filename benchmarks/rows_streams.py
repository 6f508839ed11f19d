"""The rows of HLS: a stream as it came, and as the video that people get."""

from __future__ import annotations

import os
from pathlib import Path

from .contenders import Bench, Row, tool
from .measure import Contender
from .table import Goal

_FFMPEG = ("ffmpeg", "-v", "error", "-i")
_COPY = ("-c", "copy")
_MP4 = ("-movflags", "+faststart")


def hls(bench: Bench, count: int, goals: tuple[Goal, ...], *, encrypted: bool = False) -> Row:
    """An HLS stream, fetched into the `.ts` that its segments are."""
    served = bench.data.stream(count, encrypted=encrypted)
    words = "encrypted with AES-128" if encrypted else "plain"
    return Row(
        f"HLS, {count:,} segments of 500 KB, {words}",
        _hls(bench, f"{bench.origin}/{served}/video.m3u8", served, same=not encrypted),
        goals,
    )


def hls_with_latency(bench: Bench) -> Row:
    """An HLS stream behind 30 ms of latency a request."""
    served = bench.data.stream(100)
    return Row(
        "HLS, 100 segments of 500 KB behind 30 ms of latency a request",
        _hls(bench, f"{bench.delayed}/{served}/video.m3u8", served, same=True),
        (Goal("ffmpeg", 0.8), Goal("yt-dlp -N 8", 0.42), Goal("streamlink", 0.75)),
    )


def _hls(bench: Bench, url: str, served: str, *, same: bool) -> tuple[Contender, ...]:
    data = bench.data
    check = data.all_segments(served) if same else data.whole_video(served)
    ytdlp = (f"{bench.peers}/yt-dlp", *"-q --no-config --fixup never -N 8 -o {}/f.ts".split())
    threads = "--stream-segment-threads 8 --stream-timeout 60".split()
    streamlink = (f"{bench.peers}/streamlink", "--no-config", "-Q", *threads, "-o", "{}/f.ts")
    plain = "--plugin m3u8 --connections 8".split()
    return (
        bench.reelin(url, *plain, check=check, env=without_ffmpeg(data.folder)),
        tool("ffmpeg", data.whole_video(served), *_FFMPEG, url, *_COPY, "{}/f.ts"),
        tool("yt-dlp -N 8", check, *ytdlp, url),
        tool("streamlink", check, *streamlink, url, "best"),
    )


def remux(bench: Bench) -> Row:
    """An HLS stream made into the `.mp4` that people get."""
    served = bench.data.stream(1000)
    url, check = f"{bench.origin}/{served}/video.m3u8", bench.data.whole_video(served)
    return Row(
        "HLS, 1,000 segments of 500 KB, put into an MP4",
        (
            bench.reelin(url, *"--plugin m3u8 --connections 8".split(), check=check),
            tool("ffmpeg", check, *_FFMPEG, url, *_COPY, *_MP4, "{}/f.mp4"),
        ),
        (Goal("ffmpeg", 1.0),),
    )


def without_ffmpeg(folder: Path) -> dict[str, str]:
    """An environment in which a program of Python finds no ffmpeg."""
    hidden = folder / "no-ffmpeg"
    hidden.mkdir(exist_ok=True)
    (hidden / "imageio_ffmpeg.py").write_text("raise ImportError\n")
    paths = [str(hidden), os.environ.get("PYTHONPATH", "")]
    return {"PATH": str(hidden), "PYTHONPATH": os.pathsep.join(filter(None, paths))}
