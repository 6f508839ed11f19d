"""The files that are served, and the checks that a download has their very bytes."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

MIB = 1 << 20
# A video of four seconds and about 500 KB; it is played again and again without being encoded anew.
_CLIP = (
    "-f lavfi -i testsrc2=size=640x360:rate=25:duration=4 -f lavfi -i sine=duration=4"
    " -vf noise=alls=20:allf=t -c:v mpeg2video -g 100 -b:v 870k -minrate 870k -maxrate 870k"
    " -bufsize 435k -c:a aac -b:a 64k -t 4 -y"
)
_CUT = "-hls_time 3.5 -hls_list_size 0 -hls_playlist_type vod -hls_flags independent_segments"


class Data:
    """The files that are served, made once, on a memory file system where there is one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
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

    def stream(self, count: int, *, encrypted: bool = False) -> str:
        """An HLS stream of so many segments of about 500 KB; the name of its folder."""
        folder = self.folder / f"hls{count}{'aes' if encrypted else ''}"
        if not folder.exists():
            folder.mkdir()
            clip, key, about = (folder / name for name in ("clip.mkv", "key", "about"))
            _ffmpeg(*_CLIP.split(), str(clip))
            key.write_bytes(self._random.randbytes(16))
            about.write_text(f"key\n{key}\n")
            secret = ("-hls_key_info_file", str(about)) if encrypted else ()
            cut = (*_CUT.split(), *secret, "-hls_segment_filename", f"{folder}/%d.ts")
            looped = ("-stream_loop", str(count - 1), "-i", str(clip), "-c", "copy", "-f", "hls")
            _ffmpeg(*looped, *cut, f"{folder}/video.m3u8")
            clip.unlink()
        return folder.name

    def whole_video(self, served: str) -> Callable[[Path], str]:
        """A check that one downloaded file is about as large as all segments of a stream."""
        wanted = sum(each.stat().st_size for each in (self.folder / served).glob("*.ts"))

        def check(folder: Path) -> str:
            files = [each.stat().st_size for each in folder.rglob("*") if each.is_file()]
            size = max(files, default=0)
            near = 0.9 * wanted <= size <= 1.05 * wanted
            return "" if near else f"{size} bytes for segments of {wanted}"

        return check

    def all_segments(self, served: str) -> Callable[[Path], str]:
        """A check that one downloaded file is all segments of a stream, byte for byte."""
        source = self.folder / served
        wanted = hashlib.sha256()
        for number in range(len(list(source.glob("*.ts")))):
            wanted.update((source / f"{number}.ts").read_bytes())

        def check(folder: Path) -> str:
            found = [each for each in folder.rglob("*.ts") if each.is_file()]
            same = len(found) == 1 and _sha256(found[0]) == wanted.hexdigest()
            return "" if same else "other bytes than served"

        return check

    def links(self, size: int) -> Path:
        """A page of about so many bytes: text, links to images and the images themselves."""
        path = self.folder / f"links{size}.html"
        text = "Some words that a page has between its pictures. " * 4
        part = (
            '<div class="card"><a class="more" href="full/{0}.jpg">{0}</a>'
            '<img src="small/{0}.jpg" alt="Number {0}" loading="lazy"><p>' + text + "</p></div>\n"
        )
        count = size // len(part)
        body = "".join(part.format(number) for number in range(count))
        path.write_text(f"<!DOCTYPE html><title>links</title>\n{body}")
        return path

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
            # gallery-dl puts host and folder before the name: `127.0.0.1_2000x65536_0.jpg`.
            found = {each.name.rpartition("_")[2]: each for each in folder.rglob("*.jpg")}
            if len(found) != count or any(each.stat().st_size != size for each in found.values()):
                return f"{len(found)} of {count} files are there and whole"
            for number in range(0, count, max(1, count // 20)):
                name = f"{number}.jpg"
                path = found.get(name)
                if path is None or path.read_bytes() != (self.folder / served / name).read_bytes():
                    return f"{name} has other bytes than served"
            return ""

        return check

    def all_zipped(self, served: str) -> Callable[[Path], str]:
        """A check that one archive holds all files of a folder, byte for byte."""
        count, source = int(served.partition("x")[0]), self.folder / served

        def check(folder: Path) -> str:
            with ZipFile(folder / "a.zip") as archive:
                names = [each for each in archive.namelist() if not each.endswith("/")]
                if len(names) != count:
                    return f"{len(names)} of {count} files are in the archive"
                for name in names[:: max(1, count // 20)]:
                    if archive.read(name) != (source / name).read_bytes():
                        return f"{name} has other bytes than served"
            return ""

        return check


def _ffmpeg(*arguments: str) -> None:
    program = shutil.which("ffmpeg")
    if program is None:
        raise SystemExit("the rows of HLS need ffmpeg: install it, or add --install-system")
    subprocess.run([program, "-nostdin", "-v", "error", *arguments], check=True)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def memory_folder() -> str | None:
    """Where files are in memory, so that no disk is measured; None: the usual temporary folder."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
