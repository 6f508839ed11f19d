"""A process of ours that takes and gives JSON lines; it and all that it starts end with us."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, Self

from ...model.errors import PluginError

_LINE = 1 << 20  # bytes of the longest line that it may send
_SHOWN = 300  # characters of the last words of a dead one


class Worker:
    """A worker process, for the one that starts it. In there, `Parent` is the other end.

    It is in a process group of its own. Made by `start`; always `end` it.
    """

    def __init__(self, process: asyncio.subprocess.Process, complaints: IO[bytes]) -> None:
        self._process = process
        self._complaints = complaints

    @classmethod
    async def start(cls, module: str) -> Self:
        """Run a module with this interpreter, with the same things to import."""
        complaints = TemporaryFile()  # noqa: SIM115  (until the end)
        paths = os.pathsep.join(str(Path(each).absolute()) for each in sys.path)
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-P", "-m", module),  # -P: nothing from whatever folder we are in
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=complaints,
            env={**os.environ, "PYTHONPATH": paths},
            start_new_session=True,
            limit=_LINE,
        )
        return cls(process, complaints)

    async def send(self, message: Mapping[str, Any]) -> None:
        """Send it a message."""
        stdin = self._process.stdin
        assert stdin is not None
        with suppress(ConnectionError):  # why it is gone, `receive` says
            stdin.write(json.dumps(message).encode() + b"\n")
            await stdin.drain()

    async def receive(self) -> dict[str, Any]:
        """Return its next message. Raises `PluginError` when it is dead."""
        stdout = self._process.stdout
        assert stdout is not None
        line = await stdout.readline()
        if not line.endswith(b"\n"):
            code = await self._process.wait()
            raise PluginError(f"its process ended ({code}){self._read_last_words()}")
        message: dict[str, Any] = json.loads(line)
        return message

    async def end(self) -> None:
        """End it at once, with all that it started."""
        if self._process.returncode != 0:
            self._kill()
        await self._process.communicate()
        self._complaints.close()

    def _kill(self) -> None:
        with suppress(ProcessLookupError, PermissionError):
            if hasattr(os, "killpg"):
                os.killpg(self._process.pid, signal.SIGKILL)
            else:  # Windows: what it started ends with its pipes
                self._process.kill()

    def _read_last_words(self) -> str:
        self._complaints.seek(0)
        lines = self._complaints.read().decode("utf-8", "replace").strip().splitlines()
        return f": {lines[-1][:_SHOWN]}" if lines else ""
