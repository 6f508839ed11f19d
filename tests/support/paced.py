"""A server for whole processes: threads, paced files, and a count of what was sent.

Run by tests that kill or signal a reelin process; it lives in the test's own process.
"""

from __future__ import annotations

import contextlib
import random
import re
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self


class PacedServer:
    """Serves `files` (path -> body) at `rate` bytes per second and connection, with ranges."""

    def __init__(self, files: dict[str, bytes], rate: float = 20e6) -> None:
        self.files = files
        self.rate = rate
        self.sent = 0
        self.ranges: list[str] = []
        self.requests: list[str] = []
        self._lock = threading.Lock()
        owner = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: object) -> None:
                pass

            def do_GET(self) -> None:
                with contextlib.suppress(OSError):
                    owner._answer(self)

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def _answer(self, request: BaseHTTPRequestHandler) -> None:
        body = self.files.get(request.path)
        self.requests.append(request.path)
        if body is None:
            request.send_error(404)
            return
        tag = f'"{len(body)}-{hash(body) & 0xFFFFFFFF:x}"'
        start, wanted = 0, re.fullmatch(r"bytes=(\d+)-(\d*)", request.headers.get("Range", ""))
        end = len(body)
        if wanted and request.headers.get("If-Range", tag) == tag:
            start = int(wanted[1])
            end = int(wanted[2]) + 1 if wanted[2] else end
            self.ranges.append(request.headers["Range"])
            request.send_response(206)
            request.send_header("Content-Range", f"bytes {start}-{end - 1}/{len(body)}")
        else:
            request.send_response(200)
        kind = "text/html" if body[:1] == b"<" else "video/mp4"
        request.send_header("Content-Type", kind)
        request.send_header("Content-Length", str(end - start))
        request.send_header("ETag", tag)
        request.send_header("Accept-Ranges", "bytes")
        request.end_headers()
        for at in range(start, end, 65536):
            piece = body[at : min(at + 65536, end)]
            request.wfile.write(piece)
            with self._lock:
                self.sent += len(piece)
            time.sleep(len(piece) / self.rate)


def album(count: int, size: int, seed: int = 7) -> dict[str, bytes]:
    """A page at `/` and the videos that it links."""
    source = random.Random(seed)
    files = {f"/v{number}.mp4": source.randbytes(size) for number in range(count)}
    page = "".join(f'<a href="{path}">{path}</a>' for path in files)
    return {"/": f"<html>{page}</html>".encode(), **files}
