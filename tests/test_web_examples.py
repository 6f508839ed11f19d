"""The servers and the notebook of docs/embedding.md, run as they stand there."""

from __future__ import annotations

import ast
import asyncio
import inspect
import io
import re
import socket
import subprocess
import sys
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from support.command import wait_until
from support.files import File, noise
from support.loopback import Loopback, Request, Wire, reply

DOCUMENT = Path(__file__).parents[1] / "docs" / "embedding.md"
ALBUM = "https://example.com/album"
FILES = {"1.mp4": noise(300_000), "2.mp4": noise(12_000_000, seed=2)}
SERVERS = {
    "fastapi": ("from contextlib", ["-m", "uvicorn", "app:app", "--port", "{port}"]),
    "aiohttp": ("import sys\nfrom aiohttp", ["app.py", "{port}"]),
    "resumable": ("import sys\nimport reelin", ["app.py", "{port}"]),
}


def program(start: str) -> str:
    blocks = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    (found,) = [each for each in blocks if each.startswith(start)]
    return str(found)


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback() as running:
        for name, body in FILES.items():
            running.on(f"/{name}", File(body))
        running.page(*(f"/{name}" for name in FILES))
        yield running


@pytest.fixture(params=SERVERS)
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of the running server; it may ask this machine, as the tests are there."""
    start, words = SERVERS[request.param]
    source = program(start)
    assert "allow_private=False" in source
    (tmp_path / "app.py").write_text(source.replace("allow_private=False", "allow_private=True"))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, *(each.format(port=port) for each in words)]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=tmp_path, stdout=log, stderr=log)
    try:
        wait_until(lambda: _answers(port) or process.poll() is not None)
        assert process.poll() is None, (tmp_path / "log").read_text()
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


def _answers(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


def test_a_browser_gets_a_zip(site: str, server: Loopback) -> None:
    url = quote(server.url("/page.html"), safe="")
    with urllib.request.urlopen(f"{site}/zip?url={url}") as answer:
        assert answer.headers["Content-Type"] == "application/zip"
        assert "attachment" in answer.headers["Content-Disposition"]
        body = answer.read()
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == FILES


@pytest.mark.parametrize("site", ["resumable"], indirect=True)
def test_a_browser_that_lost_its_connection_goes_on(site: str, server: Loopback) -> None:
    """It has half of the long file; the short one is not asked for again."""
    url = f"{site}/zip?url={quote(server.url('/page.html'), safe='')}"
    with urllib.request.urlopen(url) as answer:
        etag, length = answer.headers["ETag"], int(answer.headers["Content-Length"])
        got = answer.read(10_000_000)
    server.requests.clear()
    headers = {"Range": f"bytes={len(got)}-", "If-Range": etag}
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as answer:
        assert answer.status == 206
        assert answer.headers["Content-Range"] == f"bytes {len(got)}-{length - 1}/{length}"
        got += answer.read()
    with zipfile.ZipFile(io.BytesIO(got)) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == FILES
    (asked,) = server.requests
    assert asked.path == "/2.mp4" and int(asked.headers["range"][6:-1]) > 0


BAD_URLS = [
    "foo bar",
    "",
    "ftp://a.example/b",
    "file:///etc/passwd",
    "http://",
    "http://[",
    "javascript:x",
]


def status_of(address: str) -> int:
    try:
        with urllib.request.urlopen(address) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code


def test_what_is_no_url_is_400_and_a_page_that_fails_502(site: str, server: Loopback) -> None:
    server.on("/broken.html", reply(500))
    server.on("/empty.html", reply(200, b"<p>nothing", "text/html"))
    for url in BAD_URLS:
        assert status_of(f"{site}/zip?url={quote(url, safe='')}") == 400, url
    assert status_of(f"{site}/zip") == 400
    for page in ("/nothing.html", "/broken.html", "/empty.html"):
        assert status_of(f"{site}/zip?url={quote(server.url(page), safe='')}") == 502, page


def test_a_browser_that_goes_away_ends_the_downloads(site: str, server: Loopback) -> None:
    gone: list[bool] = []

    def endless(request: Request, wire: Wire) -> None:
        wire.head(200, {"Content-Length": 1 << 33, "Content-Type": "video/mp4"})
        try:
            while True:
                wire.send(FILES["2.mp4"])
        finally:
            gone.append(True)

    server.on("/2.mp4", endless)
    url = quote(server.url("/page.html"), safe="")
    answer = urllib.request.urlopen(f"{site}/zip?url={url}")
    assert answer.read(1_000_000)
    answer.close()
    wait_until(lambda: bool(gone))


def test_the_notebook(server: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As IPython runs a cell: compiled with `await` allowed outside of functions."""
    monkeypatch.chdir(tmp_path)
    source = program("from reelin import DiskSink, Session")
    source = source.replace(ALBUM, server.url("/page.html")).replace('{"audio"}', '{"video"}')
    tree = ast.parse(source)
    last = tree.body[-1]
    assert isinstance(last, ast.Expr)
    tree.body[-1] = ast.Assign([ast.Name("shown", ast.Store())], last.value)
    code = compile(
        ast.fix_missing_locations(tree), "cell", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    )
    names: dict[str, Any] = {}

    async def cell() -> None:
        made = eval(code, names)
        assert inspect.isawaitable(made)
        await made

    asyncio.run(cell())
    assert sorted(names["shown"]) == [(name, len(body)) for name, body in FILES.items()]
