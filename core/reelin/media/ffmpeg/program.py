"""The program itself: where it is, and how it is run so that nothing can go wrong around it.

It sees local files alone, reads them as media and nothing else (a playlist or a list of files
would lead it elsewhere), and ends with whoever started it.
"""

from __future__ import annotations

import asyncio
import ctypes
import errno
import os
import shutil
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from ...model.errors import ConvertError, SinkError, UsageError

if TYPE_CHECKING:
    from .probe import Probe

ProgressCallback: TypeAlias = Callable[[float], None]

SILENCE = 600.0  # seconds; of moving a very large file's index to its front nothing is heard
_TAIL = 8192  # bytes of what it complained last
_SHOWN = 300  # characters of that
_LINE = 1 << 16
_LONGEST_TAG = 1000  # characters
# What a file may be where nobody says what it is: nothing that names other files.
_FORMATS = (
    "aac,ac3,aiff,amr,ape,asf,au,avi,caf,dsf,dts,eac3,flac,flv,iamf,loas,matroska,webm,mov,mp4,m4a,"
    "3gp,3g2,mj2,mp3,mpc,mpc8,mpeg,mpegts,mpegvideo,nut,ogg,rm,shn,tak,tta,voc,w64,wav,wv"
)
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_CONSEQUENCES = (  # lines after the reason
    "Conversion failed",
    "Could not open encoder before EOF",
    "Error initializing output stream",
    "Error opening input",
    "Error opening output",
    "Error sending frames to consumers",
    "Error while opening encoder",
    "Nothing was written",
    "Task finished with error code",
    "Terminating thread with return code",
)
_ADVICE = "pip install 'reelin[full]' brings one, --ffmpeg-location says where another is"


def find(location: str | os.PathLike[str] | None = None) -> str | None:
    """Return the path of ffmpeg; None where there is none.

    location: the program, or the folder that it is in; None: on the PATH, else the one that comes
              with the extra `ffmpeg`

    Raises `UsageError` when there is none at `location`.
    """
    if location is not None:
        return _find_at(Path(location).absolute())
    found = shutil.which("ffmpeg")
    if found is not None:
        return found
    try:
        from imageio_ffmpeg import get_ffmpeg_exe

        return str(get_ffmpeg_exe())
    except (ImportError, RuntimeError):  # not installed, or without a binary for this system
        return None


def _find_at(path: Path) -> str:
    found = shutil.which("ffmpeg", path=path) if path.is_dir() else shutil.which(str(path))
    if found is None:
        raise UsageError(f"there is no ffmpeg at {path}")
    return found


@dataclass(frozen=True, slots=True)
class Input:
    """A local file for ffmpeg to read.

    container: its kind, in ffmpeg's words (`mpegts`, `mp4`, `webvtt`…); None: it looks by itself
    options:   further options for this input
    """

    path: Path
    container: str | None = None
    options: tuple[str, ...] = ()

    @property
    def arguments(self) -> list[str]:
        """The arguments that have it read, and no other file."""
        kind = ["-f", self.container] if self.container else []
        formats = f"{self.container},{_FORMATS}" if self.container else _FORMATS
        return [
            *("-protocol_whitelist", "file,pipe", "-format_whitelist", formats),
            *(*kind, *self.options, "-i", f"file:{self.path.absolute()}"),
        ]


def tag(name: str, value: str) -> list[str]:
    """Return the arguments that give the result a tag: `-metadata:s:a:0`, `title=…`."""
    words = " ".join("".join(mark if mark.isprintable() else " " for mark in value).split())
    kind, _, key = name.rpartition(" ")
    return ["-metadata" + (f":{kind}" if kind else ""), f"{key}={words[:_LONGEST_TAG]}"]


class Ffmpeg:
    """ffmpeg for one session: as many at once as there are processors.

    location: as in `find`, which raises for one that is wrong
    """

    def __init__(self, location: str | os.PathLike[str] | None = None) -> None:
        self.location = find(location) if location is not None else None
        self._found: str | None = self.location
        self._turns = asyncio.Semaphore(os.cpu_count() or 1)

    def require(self) -> str:
        """Return its path. Raises `UsageError` where there is none."""
        if self._found is None:
            self._found = find()
        if self._found is None:
            raise UsageError(f"this needs ffmpeg, and there is none: {_ADVICE}")
        return self._found

    async def run(
        self,
        inputs: Sequence[Input],
        arguments: Sequence[str],
        out: Path,
        *,
        progress: ProgressCallback | None = None,
    ) -> str:
        """Make the file `out` of the inputs; return its complaint, empty without one.

        progress: called with the number of seconds of the result that are there

        Raises `ConvertError` with its complaint when it fails, `SinkError` where that is for want
        of room. When this is cancelled it is ended, with all that it started.
        """
        sources = [each for input in inputs for each in input.arguments]
        command = [*sources, *arguments, f"file:{out.absolute()}"]
        code, complaints = await self._run(["-v", "error", "-y", *command], progress)
        if code:
            _refuse_full_disk(complaints, out)
            raise _make_error(complaints, code)
        return _find_reason(complaints)

    async def check(self, input: Input) -> None:
        """Raise `ConvertError` unless all of a file can be decoded."""
        command = ["-v", "error", *input.arguments, "-f", "null", "-"]
        code, complaints = await self._run(command, None)
        if code or complaints:
            raise _make_error(complaints, code)

    async def probe(self, input: Input) -> Probe:
        """Return what a file holds. Raises `ConvertError` when it is no media file."""
        code, complaints = await self._run(["-v", "info", *input.arguments], None)
        from .probe import Probe

        found = Probe.read(complaints)
        if not found.streams:
            raise _make_error(complaints, code)
        return found

    async def _run(
        self, arguments: Sequence[str], progress: ProgressCallback | None
    ) -> tuple[int, str]:
        """Run it; return its status, and what it wrote on stderr."""
        async with self._turns:
            fixed = ("-nostdin", "-hide_banner", "-nostats", "-progress", "pipe:1")
            # Begun it is ours to be ended, whenever we are cancelled.
            starting = asyncio.create_task(_start(self.require(), *fixed, *arguments))
            try:
                process = await asyncio.shield(starting)
                reading = _listen(process, progress), _read_complaints(process)
                _, complaints = await asyncio.gather(*reading)
                return await process.wait(), complaints
            finally:
                await _end(starting)


async def _start(*command: str) -> Process:
    try:
        return await asyncio.create_subprocess_exec(
            *command,
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=PIPE,
            env={**os.environ, "AV_LOG_FORCE_NOCOLOR": "1"},
            start_new_session=True,
            preexec_fn=_end_with_parent if _LIBC else None,
            limit=_LINE,
        )
    except OSError as error:
        raise ConvertError(f"ffmpeg: {command[0]} does not run: {error.strerror}") from None


async def _listen(process: Process, progress: ProgressCallback | None) -> None:
    """Hand on how far it is; raise when it says nothing for too long."""
    assert process.stdout is not None
    while True:
        try:
            async with asyncio.timeout(SILENCE):
                line = await process.stdout.readline()
        except TimeoutError:
            raise ConvertError(f"ffmpeg: it did nothing for {SILENCE:.0f} s") from None
        if not line:
            return
        name, _, value = line.decode("ascii", "replace").partition("=")
        if progress is not None and name == "out_time_us":
            with suppress(ValueError):  # N/A
                progress(int(value) / 1_000_000)


async def _read_complaints(process: Process) -> str:
    """Return what it writes on stderr: the first of it, which is about its inputs, and the last."""
    assert process.stderr is not None
    first = last = b""
    while piece := await process.stderr.read(_LINE):
        room = _LINE - len(first)
        first, rest = first + piece[:room], piece[room:]
        last = (last + rest)[-_TAIL:]
    return (first + last).decode("utf-8", "replace")


def _make_error(complaints: str, code: int) -> ConvertError:
    return ConvertError(f"ffmpeg: {_find_reason(complaints) or f'it ended with status {code}'}")


def _find_reason(complaints: str) -> str:
    """Return the last line that gives a reason."""
    lines = [line for line in map(_strip_origin, complaints.splitlines()) if line]
    reasons = [line for line in lines if not line.startswith(_CONSEQUENCES)]
    return (reasons or lines or [""])[-1][:_SHOWN]


def _refuse_full_disk(complaints: str, out: Path) -> None:
    number = next((each for each in _NO_ROOM if os.strerror(each) in complaints), None)
    if number is not None:
        raise SinkError(f"{out}: {os.strerror(number)}") from OSError(number, os.strerror(number))


def _strip_origin(line: str) -> str:
    """Return a line without the parts of ffmpeg that it comes from."""
    line = line.strip()
    while line.startswith("[") and "] " in line:
        line = line.partition("] ")[2].strip()
    return line


# Its end


def _load_libc() -> ctypes.CDLL | None:
    if sys.platform != "linux":  # elsewhere it ends when its file is made
        return None
    with suppress(OSError):
        return ctypes.CDLL(None)
    return None


_LIBC = _load_libc()
_PR_SET_PDEATHSIG = 1


def _end_with_parent() -> None:
    """Have this new process killed when the one that started it is gone, however that ended."""
    assert _LIBC is not None
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


async def _end(starting: asyncio.Task[Process]) -> None:
    """End it with all that it started, unless it has ended."""
    with suppress(ConvertError):
        process = await starting
        if process.returncode is None:
            _kill(process)
            await process.wait()


def _kill(process: Process) -> None:
    with suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:  # Windows
            process.kill()
