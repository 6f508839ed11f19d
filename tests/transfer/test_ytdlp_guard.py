"""yt-dlp's own requests under `--no-private`: no address that is not public, on no way."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest
from support.films import Films, films, page, segments
from support.loopback import Loopback, redirect, reply

from reelin import Network, Session
from reelin.net import guard
from reelin.plugins.registry import Registry


def asked(url: str, **network: Any) -> bytes:
    """What yt-dlp gets for a URL when strangers submit it."""
    ydl = Films().for_session(Network(allow_private=False, **network)).downloader()
    body: bytes = ydl.urlopen(url).read()
    return body


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch, server: Loopback) -> Loopback:
    """The guard as if 127.0.0.1 and the server's port were public; 127.0.0.2 is not."""
    is_blocked = guard.is_blocked
    monkeypatch.setattr(guard, "is_blocked", lambda ip: ip != "127.0.0.1" and is_blocked(ip))
    monkeypatch.setattr(guard, "PORTS", {server.port})
    server.on("/secret", reply(200, b"secret"))
    return server


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://localhost/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]/",
        "http://[::ffff:7f00:1]/",
        "http://2130706433/",
        "http://0x7f.1/",
        "https://10.0.0.1/",
        "http://93.184.216.34:22/",
        "ftp://93.184.216.34/",
        "file:///etc/passwd",
        "wss://93.184.216.34/",
    ],
)
def test_refused(url: str) -> None:
    with pytest.raises(Exception, match=r"refused|Unsupported|WebSocket"):
        asked(url)


def test_what_is_public_is_asked(opened: Loopback) -> None:
    assert asked(opened.on("/a", reply(200, b"public"))) == b"public"


@pytest.mark.parametrize(
    "target", ["http://127.0.0.2:{}/secret", "http://[::1]:{}/secret", "ftp://127.0.0.1/secret"]
)
def test_redirects_are_looked_at_too(target: str, opened: Loopback) -> None:
    url = opened.on("/a", redirect(target.format(opened.port)))
    with pytest.raises(Exception, match=r"refused|unknown url type"):
        asked(url)
    assert not opened.asked("/secret")


def test_the_address_decides_and_not_the_name(
    opened: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when a name has another address each time it is looked up (DNS rebinding)."""
    lookup, answers = socket.getaddrinfo, iter(["127.0.0.1", "127.0.0.2"])

    def rebinding(host: str, *more: Any) -> Any:
        return lookup(next(answers) if host == "films.example" else host, *more)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    url = f"http://films.example:{opened.port}/secret"
    assert asked(url) == b"secret"
    with pytest.raises(Exception, match="not a public address"):
        asked(url)
    assert len(opened.asked("/secret")) == 1


async def test_the_process_that_fetches_is_guarded_as_well(
    server: Loopback, tmp_path: Path
) -> None:
    """The guard is open in this process alone: there the page is found, and nothing fetched."""
    url = page(server, formats=[segments(server, b"secret")])
    network = Network(allow_private=False, retries=0)
    async with Session(registry=Registry([films()]), network=network) as session:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(guard, "is_blocked", lambda ip: False)
            patch.setattr(guard, "PORTS", {server.port})
            report = await session.download(url, tmp_path)
    (failure,) = report.failures
    assert failure.kind == "FetchError" and "refused here" in failure.error
    assert len(server.asked("/film/a")) == 1 and not server.asked("/segment/0")


def test_cookies_of_a_person_stay_as_they_are(server: Loopback, tmp_path: Path) -> None:
    cookies = tmp_path / "cookies.txt"
    cookies.write_text("# Netscape HTTP Cookie File\n127.0.0.1\tFALSE\t/\tFALSE\t0\ta\t1\n")
    before = cookies.read_bytes()
    url = page(server, formats=[segments(server, b"film")])
    server.on("/film/a", reply(200, b'{"formats": []}', Set_Cookie="b=2"))
    with pytest.raises(Exception, match="No video formats"):
        list(Films().for_session(Network(cookies=cookies)).entries(url))
    assert server.asked("/film/a")[0].headers["cookie"] == "a=1"
    assert cookies.read_bytes() == before
