"""`-vv` and `--log-file`: each request with its status and the headers that bear on it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.files import File, noise
from support.loopback import Loopback, reply
from support.shell import shell

SECRET = "s3cr3t"


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback() as running:
        yield running


def test_what_is_asked_and_answered_is_shown_without_secrets(
    server: Loopback, tmp_path: Path
) -> None:
    location = f"http://me:{SECRET}@{server.host}:{server.port}/new.html"
    server.on("/old.html", reply(302, b"", Location=location))
    server.on(
        "/new.html",
        reply(200, b'<a href="/a.mp4">a</a>', "text/html", Set_Cookie=f"id={SECRET}; Path=/"),
    )
    server.on(
        "/a.mp4", reply(403, b"", "text/plain", Server="shield", WWW_Authenticate="Basic realm=x")
    )
    (tmp_path / "cookies.txt").write_text(
        f"# Netscape HTTP Cookie File\n{server.host}\tFALSE\t/\tFALSE\t0\tsession\t{SECRET}\n"
    )
    start = server.url("/old.html").replace("http://", f"http://you:{SECRET}@")
    words = f"-R 0 -vv --cookies cookies.txt -H 'X-Key: {SECRET}' --log-file log"
    done = shell(f"$REELIN {start} {words}", tmp_path)
    assert done.returncode == 1
    for text in (done.stderr.decode(), (tmp_path / "log").read_text()):
        assert SECRET not in text
        lines = [line for line in text.splitlines() if "GET " in line]
        old, new, media = (
            next(line for line in lines if f"GET {server.url(path)}" in line)
            for path in ("/old.html", "/new.html", "/a.mp4")
        )
        assert "-> 302 Found" in old and f"Location: {server.url('/new.html')}" in old
        assert "session=…" in old and "Authorization: Basic …" in old and "X-Key: …" in old
        assert "-> 200 OK" in new and "Set-Cookie: id=…" in new and "text/html" in new
        assert "-> 403 Forbidden" in media and f"Referer: {server.url('/new.html')}" in media
        assert "Server: shield" in media and "WWW-Authenticate: Basic realm=x" in media


def test_resuming_and_silence_are_seen(server: Loopback, tmp_path: Path) -> None:
    file = File(noise(3_000_000))
    url = server.on("/a.mp4", file.broken_off(2_000_000), file)
    done = shell(f"$REELIN {url} -vv", tmp_path)
    assert done.returncode == 0
    assert b"Range: bytes=" in done.stderr and b"-> 206 Partial" in done.stderr
    done = shell("$REELIN http://127.0.0.1:9/a.mp4 -vv -R 0", tmp_path)
    assert b"GET http://127.0.0.1:9/a.mp4 -> no answer" in done.stderr


def test_once_verbose_is_not_that_much(server: Loopback, tmp_path: Path) -> None:
    url = server.on("/a.mp4", File(noise(10_000)))
    done = shell(f"$REELIN {url} -v", tmp_path)
    assert b"GET " not in done.stderr and done.stderr.count(b"saved a.mp4") == 1
