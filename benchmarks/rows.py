"""The rows of the benchmark: what is downloaded, by whom, and what the goal is."""

from __future__ import annotations

import hashlib
import os
import random
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .measure import Contender

ROOT = Path(__file__).parent.parent
MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Row:
    """A row. `against` and `goal`: reelin's wall is to be at most `goal` times that one's."""

    name: str
    what: str
    contenders: tuple[Contender, ...]
    check: Callable[[Path], str]
    goals: tuple[tuple[str, float], ...]


class Data:
    """The files that are served, made once, on a memory file system where there is one."""

    def __init__(self, folder: Path, peers: Path) -> None:
        self.folder = folder
        self.peers = peers  # the bin folder of the peers' environment
        self._random = random.Random(7)

    def big(self, size: int) -> str:
        """One file of so many MiB; its name."""
        path = self.folder / f"{size}m.mp4"
        if not path.exists():
            block = self._random.randbytes(MIB)
            with path.open("wb") as file:
                for number in range(size):
                    file.write(number.to_bytes(8, "big") + block[8:])
        return path.name

    def many(self, count: int, size: int) -> str:
        """So many files of so many bytes and a page of them; the name of their folder."""
        folder = self.folder / f"{count}x{size}"
        if not folder.exists():
            folder.mkdir()
            body = self._random.randbytes(size)
            for number in range(count):
                start = b"\xff\xd8\xff\xe0" + number.to_bytes(4, "big")
                (folder / f"{number}.jpg").write_bytes(start + body[8:])
            images = "\n".join(
                f'<img src="{number}.jpg" alt="{number}">' for number in range(count)
            )
            (folder / "page.html").write_text(f"<title>many</title>\n{images}\n")
        return folder.name

    def listing(self, origin: str, folder: str, style: str) -> str:
        """A list of the URLs of a folder, as a peer wants it; its path."""
        path = self.folder / f"{folder}.{style}"
        count = int(folder.partition("x")[0])
        line = {
            "plain": "{url}\n",
            "aria2": "{url}\n out={name}\n",
            "curl": 'url = "{url}"\noutput = "{name}"\n',
        }[style]
        text = (
            line.format(url=f"{origin}/{folder}/{number}.jpg", name=f"{number}.jpg")
            for number in range(count)
        )
        path.write_text("".join(text))
        return str(path)

    def same(self, served: str) -> Callable[[Path], str]:
        """A check that one downloaded file is the served one."""
        wanted = _sha256(self.folder / served)

        def check(folder: Path) -> str:
            found = [
                each for each in folder.rglob("*") if each.is_file() and each.stat().st_size > MIB
            ]
            return (
                "" if any(_sha256(each) == wanted for each in found) else "other bytes than served"
            )

        return check

    def all_there(self, served: str) -> Callable[[Path], str]:
        """A check that all files of a folder are there and whole, some of them byte for byte."""
        count, size = map(int, served.split("x"))

        def check(folder: Path) -> str:
            found = {each.name: each for each in folder.rglob("*.jpg")}
            if len(found) != count or any(each.stat().st_size != size for each in found.values()):
                return f"{len(found)} of {count} files are there and whole"
            for number in range(0, count, max(1, count // 20)):
                name = f"{number}.jpg"
                path = found.get(name) or next(
                    (each for each in found.values() if each.name.endswith(name)), None
                )
                if path is None or path.read_bytes() != (self.folder / served / name).read_bytes():
                    return f"{name} has other bytes than served"
            return ""

        return check


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def reelin(url: str, *options: str, name: str = "reelin") -> Contender:
    """reelin as a user calls it."""
    main = [sys.executable, str(ROOT / "main.py")]
    return Contender(
        name, lambda folder: [*main, url, "run", "-o", str(folder), "-q", "--no-config", *options]
    )


def tool(name: str, *command: str) -> Contender:
    """A peer; `{}` in its command stands for the folder."""
    return Contender(name, lambda folder: [part.replace("{}", str(folder)) for part in command])


def one_big(data: Data, origin: str, size: int) -> Row:
    """One large file over plain HTTP."""
    served = data.big(size)
    url, peers = f"{origin}/{served}", data.peers
    script = str(ROOT / "benchmarks" / "peers" / "{}_list.py")
    listing = data.folder / "one.plain"
    listing.write_text(url + "\n")
    return Row(
        f"{size}m",
        f"one file of {size} MiB",
        (
            reelin(url),
            tool("curl", "curl", "-s", "-o", "{}/f.mp4", url),
            tool("wget", "wget", "-q", "-P", "{}", url),
            tool("aria2c -x1", "aria2c", "-q", "-x1", "-d", "{}", url),
            tool("yt-dlp", f"{peers}/yt-dlp", "-q", "--no-config", "-P", "{}", url),
            tool("httpx", f"{peers}/python", script.format("httpx"), str(listing), "{}", "1"),
            tool("parfive", f"{peers}/python", script.format("parfive"), str(listing), "{}", "1"),
        ),
        data.same(served),
        (("curl", 1.5), ("wget", 1.0), ("yt-dlp", 1.0), ("httpx", 1.0), ("parfive", 1.0)),
    )


def throttled(data: Data, origin: str) -> Row:
    """One large file at 10 MB/s a connection: parallel ranges pay."""
    served = data.big(512)
    url = f"{origin}/slow/{served}"
    return Row(
        "conn10",
        "512 MiB at 10 MB/s a connection",
        (
            reelin(url, "--connections", "16"),
            reelin(url, name="reelin by itself"),
            tool("aria2c -x16", "aria2c", "-q", "-x16", "-s16", "-k1M", "-d", "{}", url),
            tool("curl", "curl", "-s", "-o", "{}/f.mp4", url),
        ),
        data.same(served),
        (("curl", 0.25), ("aria2c -x16", 1.05)),
    )


def small_files(data: Data, origin: str, count: int) -> Row:
    """A page with many small images; peers get a list of their URLs instead."""
    served = data.many(count, 65536)
    script = str(ROOT / "benchmarks" / "peers" / "{}_list.py")
    plain = data.listing(origin, served, "plain")
    peers = data.peers
    return Row(
        "small" if count == 2000 else f"small{count}",
        f"a page with {count} images of 64 KiB, 16 workers",
        (
            reelin(f"{origin}/{served}/page.html", "-w", "16", "--plugin", "direct"),
            tool(
                "aria2c -j16",
                "aria2c",
                "-q",
                "-j16",
                "-d",
                "{}",
                "-i",
                data.listing(origin, served, "aria2"),
            ),
            _curl(data, origin, served),
            tool(
                "gallery-dl",
                f"{peers}/gallery-dl",
                "-q",
                "--config-ignore",
                "-D",
                "{}",
                "-i",
                plain,
            ),
            tool("httpx", f"{peers}/python", script.format("httpx"), plain, "{}", "16"),
            tool("parfive", f"{peers}/python", script.format("parfive"), plain, "{}", "16"),
        ),
        data.all_there(served),
        (("aria2c -j16", 1.5), ("gallery-dl", 0.2), ("httpx", 0.2), ("parfive", 0.4)),
    )


def _curl(data: Data, origin: str, served: str) -> Contender:
    config = data.listing(origin, served, "curl")
    return tool(
        "curl --parallel",
        "curl",
        "-s",
        "--parallel",
        "--parallel-max",
        "16",
        "--output-dir",
        "{}",
        "--config",
        config,
    )


def with_latency(data: Data, origin: str) -> Row:
    """The small files behind 30 ms of latency a request."""
    served = data.many(2000, 65536)
    page = f"{origin}/{served}/page.html"
    return Row(
        "lat30",
        "the same behind 30 ms of latency",
        (reelin(page, "-w", "16", "--plugin", "direct"), _curl(data, origin, served)),
        data.all_there(served),
        (("curl --parallel", 1.15),),
    )


def middle_files(data: Data, origin: str) -> Row:
    """A hundred files of 10 MB."""
    served = data.many(100, 10 * MIB)
    return Row(
        "mid",
        "a page with 100 files of 10 MiB, 16 workers",
        (
            reelin(f"{origin}/{served}/page.html", "-w", "16", "--plugin", "direct"),
            tool(
                "aria2c -j16",
                "aria2c",
                "-q",
                "-j16",
                "-d",
                "{}",
                "-i",
                data.listing(origin, served, "aria2"),
            ),
            _curl(data, origin, served),
        ),
        data.all_there(served),
        (("aria2c -j16", 1.0), ("curl --parallel", 1.0)),
    )


def tiny_files(data: Data, origin: str) -> Row:
    """Ten thousand items on one page, and a thousand, for the growth."""
    served, few = data.many(10_000, 1024), data.many(1000, 1024)
    return Row(
        "items10k",
        "a page with 10,000 images of 1 KiB (and with 1,000), 16 workers",
        (
            reelin(f"{origin}/{served}/page.html", "-w", "16", "--plugin", "direct"),
            reelin(
                f"{origin}/{few}/page.html", "-w", "16", "--plugin", "direct", name="1,000 items"
            ),
        ),
        lambda folder: (
            "" if len(list(folder.rglob("*.jpg"))) in (1000, 10_000) else "files missing"
        ),
        (),
    )


def start(data: Data, origin: str) -> Row:
    """What a start costs."""
    (data.folder / "empty.html").write_text("<p>nothing here")
    main = [sys.executable, str(ROOT / "main.py")]
    return Row(
        "start",
        "start-up: --version, --help, and a page without media",
        (
            Contender("reelin", lambda _: [*main, "--help"]),
            Contender("reelin --version", lambda _: [*main, "--version"]),
            reelin(f"{origin}/empty.html", name="reelin, a page"),
            Contender("python -c pass", lambda _: [sys.executable, "-c", "pass"]),
        ),
        lambda _: "",
        (),
    )


def all_rows(data: Data, origin: str, delayed: str) -> dict[str, Callable[[], Row]]:
    """The rows by name, made when they are run."""
    return {
        "512m": lambda: one_big(data, origin, 512),
        "2048m": lambda: one_big(data, origin, 2048),
        "conn10": lambda: throttled(data, origin),
        "small": lambda: small_files(data, origin, 2000),
        "small20000": lambda: small_files(data, origin, 20_000),
        "lat30": lambda: with_latency(data, delayed),
        "mid": lambda: middle_files(data, origin),
        "items10k": lambda: tiny_files(data, origin),
        "start": lambda: start(data, origin),
    }


def memory_folder() -> str | None:
    """Where files are in memory, so that no disk is measured; None: the usual temporary folder."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
