"""A server of raw bytes: it can break every rule of HTTP on purpose.

    server.on("/a", [answer(200, b"body"), b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", RESET])

The first request to a path gets the first answer, the last answer serves all further ones.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Self


@dataclass(frozen=True)
class Reset:
    """Send what is given, then cut the connection with RST."""

    first: bytes = b""


@dataclass(frozen=True)
class Drip:
    """Send the first bytes, then one piece every `seconds`, for ever or `times` times."""

    first: bytes
    piece: bytes
    seconds: float = 0.02
    times: int = 10_000


@dataclass
class Request:
    """A request as it came: path, headers by lower-case name, and when."""

    path: str
    headers: dict[str, str]
    at: float = field(default_factory=time.monotonic)


Answer = bytes | Reset | Drip | Callable[[Request], "bytes | Reset | Drip"]


def answer(status: int, body: bytes = b"", /, *, length: int | None = -1, **headers: str) -> bytes:
    """A whole answer; `length` None: no Content-Length. `content_type` becomes Content-Type."""
    lines = [f"HTTP/1.1 {status} X"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    if length is not None:
        lines.append(f"Content-Length: {len(body) if length < 0 else length}")
    else:
        lines.append("Connection: close")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


class HostileServer:
    """Serves on a port of its own, one thread a connection."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.sent = 0
        self._answers: dict[str, list[Answer]] = {}
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._open = True

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._open = False
        self._socket.close()

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def on(self, path: str, answers: Answer | Iterable[Answer]) -> str:
        """Set the answers of a path; its URL."""
        self._answers[path] = (
            [answers]
            if isinstance(answers, bytes | Reset | Drip) or callable(answers)
            else list(answers)
        )
        return self.origin + path

    def asked(self, path: str) -> list[Request]:
        """The requests to a path, in order."""
        return [each for each in self.requests if each.path == path]

    def _accept(self) -> None:
        while self._open:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            reader = connection.makefile("rb")
            while request := self._read(reader):
                self.requests.append(request)
                answers = self._answers.get(request.path, [answer(404, b"gone")])
                chosen = answers[min(len(self.asked(request.path)), len(answers)) - 1]
                if not self._send(connection, chosen, request):
                    return

    def _send(self, connection: socket.socket, chosen: Answer, request: Request) -> bool:
        """Send an answer; whether the connection may serve another request."""
        if callable(chosen):
            chosen = chosen(request)
        if isinstance(chosen, Reset):
            connection.sendall(chosen.first)
            time.sleep(0.05)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return False
        if isinstance(chosen, Drip):
            connection.sendall(chosen.first)
            for _ in range(chosen.times):
                if not self._open:
                    return False
                time.sleep(chosen.seconds)
                connection.sendall(chosen.piece)
                self.sent += len(chosen.piece)
            return False
        connection.sendall(chosen)
        self.sent += len(chosen)
        head, _, body = chosen.partition(b"\r\n\r\n")
        lengths = [
            line.split(b":")[1]
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length:")
        ]
        whole = len(lengths) == 1 and int(lengths[0]) == len(body)
        return whole or b"chunked" in head

    @staticmethod
    def _read(reader: object) -> Request | None:
        lines: list[str] = []
        while line := reader.readline():  # type: ignore[attr-defined]
            if line in (b"\r\n", b"\n"):
                break
            lines.append(line.decode("latin-1").strip())
        if not lines or " " not in lines[0]:
            return None
        headers = dict(line.split(": ", 1) for line in lines[1:] if ": " in line)
        path = lines[0].split(" ")[1]
        return Request(path, {name.lower(): value for name, value in headers.items()})
