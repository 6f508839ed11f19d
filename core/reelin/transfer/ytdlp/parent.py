"""The child's end of `Child`: what it is told, and how it tells. Nobody else imports this."""

from __future__ import annotations

import json
import os
import signal
import threading
from queue import SimpleQueue
from typing import Any


class Parent:
    """Who started this process. When it is gone, this process and all that it started end.

    Standard output is the parent's alone: what others print goes to standard error.
    """

    def __init__(self) -> None:
        self._out = os.dup(1)
        os.dup2(2, 1)
        self._turn = threading.Lock()
        self._told: SimpleQueue[dict[str, Any]] = SimpleQueue()
        threading.Thread(target=self._listen, daemon=True).start()

    def hear(self) -> dict[str, Any]:
        """What it tells next."""
        return self._told.get()

    def tell(self, **message: object) -> None:
        """Tell it something, from whatever thread."""
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
                self._told.put(json.loads(line))
        _die()


def _die() -> None:
    if hasattr(os, "killpg") and os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(1)
