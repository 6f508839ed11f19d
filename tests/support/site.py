"""A well-behaved server: pages and files with validators and ranges, on a port of its own."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass, field
from typing import Self

from aiohttp import web
from aiohttp.test_utils import TestServer


@dataclass
class File:
    """A file of the site. `pause` seconds pass before each 64 KiB."""

    body: bytes
    mime: str = "application/octet-stream"
    headers: dict[str, str] = field(default_factory=dict)
    pause: float = 0.0
    etag: bool = True

    @property
    def tag(self) -> str:
        return f'"{hashlib.sha256(self.body).hexdigest()[:16]}"'


class Site:
    """Put files with `site.add("/a.jpg", b"…", "image/jpeg")`, ask `site.asked` what was wanted."""

    def __init__(self) -> None:
        self.files: dict[str, File] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.sent = 0

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/{path:.*}", self._answer)
        self._server = TestServer(app)
        await self._server.start_server()
        self.origin = str(self._server.make_url("")).rstrip("/")
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._server.close()

    def add(self, path: str, body: bytes | str, mime: str = "text/html", **more: object) -> str:
        """Add or replace a file; its URL."""
        body = body.encode() if isinstance(body, str) else body
        self.files[path] = File(body, mime, **more)  # type: ignore[arg-type]
        return self.origin + path

    def times_asked(self, path: str) -> int:
        return sum(1 for each, _ in self.asked if each == path)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append((request.path, {name.lower(): v for name, v in request.headers.items()}))
        file = self.files.get(request.path_qs, self.files.get(request.path))
        if file is None:
            raise web.HTTPNotFound
        start, end, status = 0, len(file.body), 200
        wanted = request.http_range
        fits = request.headers.get("If-Range", file.tag) == file.tag
        if "Range" in request.headers and fits and file.etag:
            start = wanted.start or 0
            end = min(end, wanted.stop or end)
            status = 206
        headers = {"Content-Type": file.mime, "Content-Length": str(end - start), **file.headers}
        if file.etag:
            headers |= {"ETag": file.tag, "Accept-Ranges": "bytes"}
        if status == 206:
            headers["Content-Range"] = f"bytes {start}-{end - 1}/{len(file.body)}"
        response = web.StreamResponse(status=status, headers=headers)
        await response.prepare(request)
        for at in range(start, end, 65536):
            if file.pause:
                await asyncio.sleep(file.pause)
            piece = file.body[at : min(at + 65536, end)]
            await response.write(piece)
            self.sent += len(piece)
        await response.write_eof()
        return response
