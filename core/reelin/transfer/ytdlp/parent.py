"""The process that started this one, as the worker sees it. Nobody else imports this."""

from __future__ import annotations

import json
import os
import signal
import threading
from queue import SimpleQueue
from typing import Any


class Parent:
    """The parent process. When it is gone, this process and all that it started end.

    Standard output is the parent's alone: what others print goes to standard error.
    """

    def __init__(self) -> None:
        self._out = os.dup(1)
        os.dup2(2, 1)
        self._turn = threading.Lock()
        self._messages: SimpleQueue[dict[str, Any]] = SimpleQueue()
        threading.Thread(target=self._listen, daemon=True).start()

    def receive(self) -> dict[str, Any]:
        """Wait for its next message."""
        return self._messages.get()

    def send(self, **message: object) -> None:
        """Send it a message, from whatever thread."""
        line = json.dumps(message).encode() + b"\n"
        with self._turn:
            try:
                while line:
                    line = line[os.write(self._out, line) :]
            except OSError:
                _die()

    def _listen(self) -> None:
        waiting = b""
        while piece := os.read(0, 1 << 16):
            *lines, waiting = (waiting + piece).split(b"\n")
            for line in lines:
                self._messages.put(json.loads(line))
        _die()


def _die() -> None:
    if hasattr(os, "killpg") and os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(1)
