"""The program: found where it should be, bounded, ended with whoever started it."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support.media import make, programs

from reelin import ConvertError, Session, UsageError
from reelin.media.ffmpeg import Ffmpeg, Input, find, program

OWN = programs()[0]


def test_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "ffmpeg").symlink_to(OWN)
    assert find(folder) == str(folder / "ffmpeg") == find(folder / "ffmpeg")
    assert find(OWN) == OWN
    monkeypatch.chdir(folder)
    assert find("ffmpeg") == str(folder / "ffmpeg")
    monkeypatch.setenv("PATH", "/nonexistent")
    assert find() == OWN
    monkeypatch.setenv("PATH", str(folder))
    assert find() == str(folder / "ffmpeg")
    monkeypatch.setenv("PATH", "/nonexistent")
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    assert find() is None
    with pytest.raises(UsageError, match=r"pip install 'reelin\[full\]'.*--ffmpeg-location"):
        Ffmpeg().require()


def test_a_wrong_place_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "ffmpeg").write_text("not executable")
    for place in (tmp_path, tmp_path / "ffmpeg", tmp_path / "nothing"):
        with pytest.raises(UsageError, match="there is no ffmpeg at /"):
            Session(ffmpeg=place)


def script(folder: Path, text: str) -> Ffmpeg:
    path = folder / "ffmpeg"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return Ffmpeg(path)


async def test_as_many_at_once_as_there_are_processors(tmp_path: Path) -> None:
    fake = script(tmp_path, f'echo >> "{tmp_path}/$$"; sleep 0.3; rm "{tmp_path}/$$"')
    most = 0
    runs = [asyncio.create_task(fake.run([], [], tmp_path / "x")) for _ in range(8)]
    while not all(run.done() for run in runs):
        most = max(most, sum(path.name.isdigit() for path in tmp_path.iterdir()))
        await asyncio.sleep(0.02)
    assert 1 <= most <= (os.cpu_count() or 1)


async def test_it_reads_local_files_alone(ffmpeg: Ffmpeg, tmp_path: Path) -> None:
    make(tmp_path / "film.ts", "-c:v mpeg4 -c:a aac")
    for text, container in (
        (f"#EXTM3U\n#EXTINF:2,\n{tmp_path}/film.ts\n#EXT-X-ENDLIST\n", None),
        ("ffconcat version 1.0\nfile http://127.0.0.1:9/a.ts\n", "concat"),
        (f"ffconcat version 1.0\nfile {tmp_path}/film.ts\n", None),
    ):
        (tmp_path / "list").write_text(text)
        with pytest.raises(ConvertError):
            await ffmpeg.probe(Input(tmp_path / "list", container))


async def test_its_words_are_bounded(tmp_path: Path) -> None:
    fake = script(tmp_path, "yes '[mp4 @ 0x1] No room' | head -c 50000000 >&2; exit 1")
    with pytest.raises(ConvertError, match=r"^ffmpeg: No room$"):
        await fake.run([], [], tmp_path / "x")
    fake = script(tmp_path, "printf '%0100000d' 1 >&2; exit 1")
    with pytest.raises(ConvertError) as raised:
        await fake.run([], [], tmp_path / "x")
    assert len(str(raised.value)) < 400


async def test_one_that_says_nothing_for_too_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program, "SILENCE", 0.3)
    with pytest.raises(ConvertError, match="did nothing for"):
        await script(tmp_path, "sleep 60").run([], [], tmp_path / "x")


async def test_one_that_does_not_run(tmp_path: Path) -> None:
    fake = script(tmp_path, "")
    (tmp_path / "ffmpeg").unlink()
    with pytest.raises(ConvertError, match="does not run: No such file"):
        await fake.run([], [], tmp_path / "x")


async def test_cancelled_it_ends_with_all_that_it_started(tmp_path: Path) -> None:
    fake = script(tmp_path, f'sleep 600 & echo $! > "{tmp_path}/pid"; wait')
    work = asyncio.create_task(fake.run([], [], tmp_path / "x"))
    while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
        await asyncio.sleep(0.02)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert is_gone(int((tmp_path / "pid").read_text()))


SCRIPT = """
import asyncio, sys
from pathlib import Path
from reelin.media.ffmpeg import Ffmpeg
print("begun", flush=True)
arguments = "-f lavfi -i testsrc2=size=1280x720:duration=36000 -c:v mpeg4 -f mp4".split()
asyncio.run(Ffmpeg(sys.argv[1]).run([], arguments, Path(sys.argv[2])))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere it ends when its file is made")
def test_it_ends_with_a_program_that_is_killed(tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    ours = subprocess.Popen([sys.executable, "-c", SCRIPT, OWN, str(out)])
    deadline = time.monotonic() + 20
    while not (out.exists() and out.stat().st_size):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    (theirs,) = map(int, Path(f"/proc/{ours.pid}/task/{ours.pid}/children").read_text().split())
    ours.send_signal(signal.SIGKILL)
    ours.wait()
    while not is_gone(theirs):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def is_gone(pid: int) -> bool:
    """Whether a process is no more, or a dead one that nobody buried."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return True
    return state == "Z"
