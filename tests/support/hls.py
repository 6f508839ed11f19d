"""HLS streams of real media in segments of one second, and what ffmpeg makes of them."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from reelin.media import ffmpeg

from .files import File
from .films import run
from .loopback import Answer, Loopback, Request, Wire, reply

MIME = "application/vnd.apple.mpegurl"
SECONDS = 4
KEY = bytes(range(16))
_FILM = (
    "-f lavfi -i testsrc2=size={size}:rate=10:duration={seconds}"
    " -f lavfi -i sine=frequency={tone}:sample_rate={rate}:duration={seconds}"
    " -c:v libx264 -preset ultrafast -bf 2 -pix_fmt yuv420p -g 10 -keyint_min 10"
    " -sc_threshold 0 -c:a aac -b:a 64k"
)
_CUT = "-c copy -f hls -hls_time 1 -hls_list_size 0 -hls_playlist_type vod"


@dataclass(frozen=True)
class Cut:
    """A stream in segments, with their durations; `init`: what its EXT-X-MAP leads to."""

    segments: tuple[bytes, ...]
    durations: tuple[str, ...]
    init: bytes = b""

    def lines(self, *names: str) -> list[str]:
        """What a playlist says of the segments, which are called so."""
        return [f"#EXTINF:{d},\n{n}" for d, n in zip(self.durations, names, strict=True)]


def film(folder: Path, name: str, size: str = "128x72", tone: int = 440, rate: int = 44100) -> Path:
    """A film of four seconds, made once."""
    path = folder / f"{name}.mp4"
    if not path.exists():
        run(folder, f"{_FILM.format(size=size, tone=tone, rate=rate, seconds=SECONDS)} {path.name}")
    return path


def cut(source: Path, kind: str, maps: str = "-map 0") -> Cut:
    """A film cut into segments: `ts` or `m4s` of HLS, or the files of sound `aac` and `mp3`."""
    folder = source.parent / f"{source.stem}-{kind}{maps.replace(' ', '').replace(':', '')}"
    folder.mkdir(exist_ok=True)
    made = f"-i {source} {maps}"
    if kind in ("aac", "mp3"):
        codec = "copy" if kind == "aac" else "libmp3lame -b:a 64k"
        bare = ["-segment_format_options", "write_xing=0:id3v2_version=0"] if kind == "mp3" else []
        form = {"aac": "adts", "mp3": "mp3"}[kind]
        words = [*f"-vn -c:a {codec} -f segment -segment_time 1 -segment_format {form}".split()]
        run(folder, " ".join([made, *words, *bare, f"-segment_list list.m3u8 %d.{kind}"]))
    else:
        own = "-hls_segment_type fmp4 -hls_fmp4_init_filename init.mp4" if kind == "m4s" else ""
        run(folder, f"{made} {_CUT} {own} -hls_segment_filename %d.{kind} list.m3u8")
    durations = re.findall(r"#EXTINF:([\d.]+)", (folder / "list.m3u8").read_text())
    bodies = [(folder / f"{at}.{kind}").read_bytes() for at in range(len(durations))]
    init = folder / "init.mp4"
    return Cut(tuple(bodies), tuple(durations), init.read_bytes() if init.exists() else b"")


def playlist(*lines: str, version: int = 7, sequence: int = 0, ends: bool = True) -> bytes:
    """A media playlist."""
    head = ["#EXTM3U", f"#EXT-X-VERSION:{version}", "#EXT-X-TARGETDURATION:2"]
    head += [f"#EXT-X-MEDIA-SEQUENCE:{sequence}"] if sequence else []
    return "\n".join([*head, *lines, *(["#EXT-X-ENDLIST"] if ends else []), ""]).encode()


def encrypted(body: bytes, iv: bytes | int, key: bytes = KEY) -> bytes:
    """A body as AES-128 hides it; the IV may be a segment's number."""
    vector = iv if isinstance(iv, bytes) else iv.to_bytes(16, "big")
    padder = PKCS7(128).padder()
    cipher = Cipher(algorithms.AES(key), modes.CBC(vector)).encryptor()
    padded = padder.update(body) + padder.finalize()
    return cipher.update(padded) + cipher.finalize()


def put(server: Loopback, folder: str, bodies: Sequence[bytes], kind: str = "ts") -> list[str]:
    """Serve bodies as `/folder/0.ts` and so on; their paths."""
    paths = [f"/{folder}/{at}.{kind}" for at in range(len(bodies))]
    for path, body in zip(paths, bodies, strict=True):
        server.on(path, File(body, mime="application/octet-stream"))
    return paths


def served(server: Loopback, folder: str, made: Cut, *more: str, kind: str = "ts") -> str:
    """Serve a stream with its playlist `/folder/film.m3u8`; the playlist's URL."""
    paths = put(server, folder, made.segments, kind)
    lines = [*more, *made.lines(*paths)]
    if made.init:
        server.on(f"/{folder}/init.mp4", File(made.init))
        lines.insert(0, f'#EXT-X-MAP:URI="/{folder}/init.mp4"')
    return server.on(f"/{folder}/film.m3u8", reply(200, playlist(*lines), MIME))


def unranged(body: bytes) -> Answer:
    """A server that does not know ranges."""

    def answer(request: Request, wire: Wire) -> None:
        wire.head(200, {"Content-Length": len(body)})
        wire.send(body)

    return answer


def ours(server: Loopback, path: str) -> list[Request]:
    """The requests to a path that ffmpeg did not make."""
    return [each for each in server.asked(path) if "Lavf" not in each.headers["user-agent"]]


def segment_requests(server: Loopback, folder: str) -> list[str]:
    """The paths of what was asked for in a folder, but for playlists."""
    paths = [each.path for each in server.requests]
    return [each for each in paths if each.startswith(f"/{folder}/") and ".m3u8" not in each]


# What ffmpeg sees


def decoded(source: object, kind: str = "v") -> list[str]:
    """The hashes of all decoded frames (`v`) or blocks of samples (`a`) of a source.

    The last block of samples is counted only: from version 9 on, ffmpeg cuts that of a file where
    its track ends, and not that of a playlist.
    """
    rate = ["-fps_mode", "passthrough"] if kind == "v" else []
    done = subprocess.run(
        [
            *(str(ffmpeg.find()), "-nostdin", "-v", "fatal", "-i", str(source)),
            *("-map", f"0:{kind}", *rate, "-f", "framemd5", "-"),
        ],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    lines = [line for line in done.stdout.splitlines() if line[0] != "#"]
    hashes = [line.rpartition(",")[2].strip() for line in lines]
    return [*hashes[:-1], "the last"] if kind == "a" and hashes else hashes


def seconds(source: object) -> float:
    """How long a file is, as ffmpeg tells."""
    shown = subprocess.run([str(ffmpeg.find()), "-i", str(source)], capture_output=True, text=True)
    found = re.search(r"Duration: (\d+):(\d+):([\d.]+)", shown.stderr)
    assert found is not None, shown.stderr
    return int(found[1]) * 3600 + int(found[2]) * 60 + float(found[3])


def without_ffmpeg(folder: Path) -> dict[str, str]:
    """The environment of a process that finds no ffmpeg."""
    hidden = folder / "no-ffmpeg"
    hidden.mkdir(exist_ok=True)
    (hidden / "imageio_ffmpeg.py").write_text("raise ImportError\n")
    paths = [str(hidden), os.environ.get("PYTHONPATH", "")]
    return {"PATH": str(hidden), "PYTHONPATH": os.pathsep.join(filter(None, paths))}


def frames(source: object) -> int:
    """How many pictures a source has."""
    return len(decoded(source, "v"))


def subtitles(path: Path, number: int = 0) -> str:
    """Some of the subtitles of a file, as SRT."""
    wanted = f"-map 0:s:{number} -f srt -".split()
    command = [str(ffmpeg.find()), "-v", "error", "-i", str(path), *wanted]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def subtitle_streams(path: Path) -> list[tuple[str, str]]:
    """Language and title of each of them."""
    shown = subprocess.run([str(ffmpeg.find()), "-i", str(path)], capture_output=True, text=True)
    found = shown.stderr.split("Stream #0:")[1:]
    texts = [each for each in found if "Subtitle" in each]
    names = [re.search(r"handler_name\s*: (.*)", each) for each in texts]
    return [
        (each.partition("(")[2].partition(")")[0], name[1] if name else "")
        for each, name in zip(texts, names, strict=True)
    ]


def memory(process: int) -> int:
    """The most memory that a process had so far, in bytes (Linux); 0 where it is gone."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0
    found = re.search(r"VmHWM:\s*(\d+) kB", status)
    return int(found[1]) * 1024 if found else 0
