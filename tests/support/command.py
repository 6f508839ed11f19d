"""The command line as a person runs it: a process of its own, with a home of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Ended:
    """How a process ended."""

    code: int
    out: str
    err: str


class Command:
    """`python -m reelin …` under way.

    home:   where netrc, configuration and caches are looked for
    limit:  called in the new process before it starts, to set its resource limits
    environment: further variables
    """

    def __init__(
        self,
        *arguments: object,
        home: Path,
        limit: Callable[[], None] | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._out = tempfile.TemporaryFile()
        self._err = tempfile.TemporaryFile()
        clean = {key: value for key, value in os.environ.items() if not key.startswith("REELIN_")}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "reelin", *map(str, arguments)],
            stdin=subprocess.DEVNULL,
            stdout=self._out,
            stderr=self._err,
            env=clean
            | {"HOME": str(home), "XDG_CONFIG_HOME": str(home / ".config"), **(environment or {})},
            cwd=home,
            preexec_fn=limit,
        )

    def send(self, number: signal.Signals) -> None:
        """Send a signal."""
        self.process.send_signal(number)

    def end(self, timeout: float = 60) -> Ended:
        """Wait for the end of the process. One that hangs is killed, and fails the test."""
        try:
            code = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(
                f"still running after {timeout} s:\n{self._text(self._err)}"
            ) from None
        out, err = self._text(self._out), self._text(self._err)
        self._out.close()
        self._err.close()
        assert "Traceback" not in err, err
        return Ended(code, out, err)

    @property
    def said(self) -> str:
        """What it has written to stderr so far."""
        # Not by seek(): where the process writes next would change with it.
        return os.pread(self._err.fileno(), 1 << 20, 0).decode("utf-8", "replace")

    def kill(self) -> None:
        """End the process as a power cut would: kill -9."""
        self.process.kill()
        self.process.wait()
        self._out.close()
        self._err.close()

    @staticmethod
    def _text(file: object) -> str:
        file.seek(0)  # type: ignore[attr-defined]
        return str(file.read().decode("utf-8", "replace"))  # type: ignore[attr-defined]


def wait_until(condition: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "what was waited for did not happen"
        time.sleep(0.005)


def write_list(folder: Path, *urls: str) -> Path:
    """Write URLs into a file for `-i`, one a line."""
    file = folder / "urls.txt"
    file.write_text("\n".join(urls) + "\n")
    return file
