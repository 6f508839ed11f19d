"""A scripted HTTP server on loopback, thread based: honest files and every way to break the rules.

    url = server.on("/a.mp4", first_answer, second_answer)   # the last answer serves all further ones

An answer is any callable of (request, wire): it writes whatever bytes it wants to the wire.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any, Self, TypeAlias

SLICE = 32 * 1024
SEND_BUFFER = 64 * 1024  # small, so that what was sent is close to what was received


class Gone(Exception):
    """The client has left, or the server is being stopped: the answer is over."""


@dataclass
class Request:
    """A request as it came. Header names are lower case; `sent` counts bytes of its answer."""

    path: str
    headers: dict[str, str]
    at: float = field(default_factory=time.monotonic)
    sent: int = 0

    @property
    def first(self) -> int | None:
        """The first byte that a Range header asks for."""
        value = self.headers.get("range", "")
        return int(value[6:].partition("-")[0]) if value.startswith("bytes=") else None

    @property
    def last(self) -> int | None:
        """The last byte that a Range header asks for, None for an open end."""
        end = self.headers.get("range", "").partition("-")[2]
        return int(end) if end else None


class Wire:
    """The server's end of a connection, while one request is answered."""

    def __init__(self, connection: socket.socket, server: Loopback, request: Request) -> None:
        self._connection = connection
        self._server = server
        self._request = request
        self.is_open = True

    def send(self, data: bytes) -> None:
        """Send bytes at the server's pace."""
        left = memoryview(data)
        try:
            while left:
                self._server.pace(min(SLICE, len(left)))
                count = self._connection.send(left[:SLICE])
                self._server.count(count)
                self._request.sent += count
                left = left[count:]
        except OSError:
            raise Gone from None

    def head(self, status: int = 200, headers: Mapping[str, object] | None = None) -> None:
        """Send a status line and headers. Whoever gives no length must close."""
        lines = [f"HTTP/1.1 {status} X"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        self.send("\r\n".join([*lines, "", ""]).encode("utf-8"))

    def pause(self, seconds: float) -> None:
        """Send nothing for a while."""
        if self._server.stopping.wait(seconds):
            raise Gone

    def stall(self) -> None:
        """Send nothing until the client leaves."""
        self._connection.settimeout(0.05)
        while not self._server.stopping.is_set():
            try:
                if not self._connection.recv(4096):
                    break
            except TimeoutError:
                continue
            except OSError:
                break
        raise Gone

    def close(self) -> None:
        """End the connection in good order (FIN)."""
        self.is_open = False

    def reset(self) -> None:
        """Cut the connection (RST), after what was sent had time to arrive."""
        self.pause(0.05)
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.is_open = False


Answer: TypeAlias = Callable[[Request, Wire], None]


class Loopback:
    """Serves on a port of its own, one thread a connection. `rate`: bytes per second in all."""

    def __init__(self, host: str = "127.0.0.1", rate: float | None = None) -> None:
        self.requests: list[Request] = []
        self.sent = 0
        self.rate = rate
        self.stopping = threading.Event()
        self._answers: dict[str, list[Answer]] = {}
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._free_at = 0.0
        self._socket = socket.create_server((host, 0), backlog=512)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        self.port: int = self._socket.getsockname()[1]
        self.host = host
        self._thread = threading.Thread(target=self._accept, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(5)
        with self._lock:
            open_ones = list(self._connections)
        for connection in open_ones:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    # What it serves

    def url(self, path: str) -> str:
        return f"http://{self.host}:{self.port}{path}"

    def on(self, path: str, *answers: Answer) -> str:
        """Set the answers of a path, from the next request on; its URL."""
        begun = len(self.asked(path))
        self._answers[path] = [*[answers[0]] * begun, *answers]
        return self.url(path)

    def page(self, *links: str, path: str = "/page.html") -> str:
        """A page that links to files, in that order; its URL."""
        anchors = "".join(f'<p><a href="{escape(link)}">a file</a></p>' for link in links)
        return self.on(path, page(f"<!doctype html><title>Page</title>{anchors}"))

    # What was asked of it

    def asked(self, path: str) -> list[Request]:
        """The requests to a path, in order."""
        with self._lock:
            return [each for each in self.requests if each.path == path]

    @property
    def connections(self) -> int:
        """How many connections are open."""
        with self._lock:
            return len(self._connections)

    def count(self, size: int) -> None:
        with self._lock:
            self.sent += size

    def pace(self, size: int) -> None:
        """Wait until that many bytes may be sent."""
        if self.rate is None:
            return
        with self._lock:
            now = time.monotonic()
            self._free_at = max(now, self._free_at) + size / self.rate
            wait = self._free_at - now
        if wait > 0.002 and self.stopping.wait(wait):
            raise Gone

    # Its threads

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with self._lock:
                self._connections.add(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with connection.makefile("rb") as reader:
                while (request := _read(reader)) is not None:
                    wire = Wire(connection, self, request)
                    self._choose(request)(request, wire)
                    if not wire.is_open:
                        break
        except (Gone, OSError):
            pass
        finally:
            with self._lock:
                self._connections.discard(connection)
            connection.close()

    def _choose(self, request: Request) -> Answer:
        with self._lock:
            self.requests.append(request)
            number = sum(each.path == request.path for each in self.requests)
            answers = self._answers.get(request.path)
        return answers[min(number, len(answers)) - 1] if answers else reply(404, b"not here")


def _read(reader: Any) -> Request | None:
    """The next request of a connection, None when there is no more."""
    start = reader.readline(65536)
    if start.count(b" ") < 2:
        return None
    headers: dict[str, str] = {}
    while (line := reader.readline(65536)) not in (b"\r\n", b"\n", b""):
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.strip().lower()] = value.strip()
    return Request(start.split(b" ")[1].decode("latin-1"), headers)


# Answers


def reply(status: int, body: bytes = b"", mime: str = "video/mp4", **headers: object) -> Answer:
    """A whole answer. `Retry_After=1` becomes the header Retry-After."""

    def answer(request: Request, wire: Wire) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        wire.head(status, {"Content-Type": mime, "Content-Length": len(body)} | named)
        wire.send(body)

    return answer


def page(html: str) -> Answer:
    """A web page."""
    return reply(200, html.encode(), "text/html; charset=utf-8")


def redirect(location: str, status: int = 302) -> Answer:
    """A redirect."""
    return reply(status, b"", Location=location)


def raw(*pieces: bytes, reset: bool = False) -> Answer:
    """These very bytes, then the end of the connection."""

    def answer(request: Request, wire: Wire) -> None:
        for piece in pieces:
            wire.send(piece)
        if reset:
            wire.reset()
        else:
            wire.close()

    return answer


def endless(head: bytes, pieces: Iterable[bytes], seconds: float = 0.0) -> Answer:
    """A head, and then the pieces again and again until the client leaves."""
    pieces = list(pieces)

    def answer(request: Request, wire: Wire) -> None:
        wire.send(head)
        while True:
            for piece in pieces:
                wire.send(piece)
                if seconds:
                    wire.pause(seconds)

    return answer


def stalled(request: Request, wire: Wire) -> None:
    """No answer at all, though the connection stays open."""
    wire.stall()


def chunked(body: bytes, size: int = 64 * 1024) -> bytes:
    """A body in chunked coding, without its last chunk (`b"0\\r\\n\\r\\n"`)."""
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts)
