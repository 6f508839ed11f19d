"""The guard end to end: section 5 of the rules, with an internet that exists in this process only.

Connections to public addresses are led to a loopback server by the test; whatever else a run
tries to connect to is noted, refused by the machine, and fails the test.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.files import File, noise
from support.loopback import Loopback, page, redirect
from support.outcomes import fetch
from support.runs import finals

from reelin import Network
from reelin.model.errors import UsageError

PUBLIC = "93.184.215.14"
STRICT = Network(allow_private=False, retries=0, timeout=2)
FILE = File(noise(5000))

PRIVATE = """
0.0.0.0 0.1.2.3 10.0.0.1 100.64.0.1 127.0.0.1 127.255.255.254 168.63.129.16 169.254.169.254
172.16.0.1 172.31.255.255 192.0.0.1 192.0.2.1 192.88.99.1 192.168.1.1 198.18.0.1 198.51.100.1
203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255
[::] [::1] [::7f00:1] [::ffff:127.0.0.1] [::ffff:7f00:1] [::ffff:10.0.0.1] [64:ff9b::7f00:1]
[64:ff9b::a9fe:a9fe] [64:ff9b:1::1] [100::1] [2001::1] [2001:10::1] [2001:db8::1] [2002:7f00:1::]
[2002:a00:1::1] [3fff::1] [5f00::1] [fc00::1] [fd00:ec2::254] [fe80::1] [fec0::1] [ff02::1]
""".split()
DISGUISED = """
2130706433 0x7f000001 0x7f.1 0177.0.0.1 017700000001 127.1 127.0.1 127.0.0.1. 0x7f.0x0.0x0.0x1
localhost LOCALHOST localhost. a.localhost 0 00000000.0
""".split()
NAMES = {
    "public.example": [PUBLIC],
    "private.example": ["127.0.0.1"],
    "10.0.0.1.nip.example": ["10.0.0.1"],
    "mixed.example": [PUBLIC, "127.0.0.1"],
    "metadata.example": ["169.254.169.254"],
    "six.example": ["::ffff:127.0.0.1"],
    "mapped.example": ["64:ff9b::7f00:1"],
}


class Internet:
    """What a run sees of the world: names, and what it connected to."""

    def __init__(self, server: Loopback) -> None:
        self.server = server
        self.tried: list[str] = []
        self.names = {name: [list(found)] for name, found in NAMES.items()}

    def resolve(self, host: str, port: int) -> list[tuple[Any, ...]]:
        answers = self.names.get(host.rstrip(".").lower())
        if answers is None:
            raise socket.gaierror(socket.EAI_NONAME, "no such name")
        found = answers.pop(0) if len(answers) > 1 else answers[0]
        return [
            (
                socket.AF_INET6 if ":" in each else socket.AF_INET,
                socket.SOCK_STREAM,
                socket.IPPROTO_TCP,
                "",
                (each, port, 0, 0) if ":" in each else (each, port),
            )
            for each in found
        ]


@pytest.fixture
def internet(server: Loopback, monkeypatch: pytest.MonkeyPatch) -> Iterator[Internet]:
    world = Internet(server)
    connect, getaddrinfo = socket.socket.connect, socket.getaddrinfo

    def lead(self: socket.socket, address: Any) -> None:
        if self.family not in (socket.AF_INET, socket.AF_INET6):
            return connect(self, address)
        world.tried.append(address[0])
        if address[0] != PUBLIC:
            raise ConnectionRefusedError(f"{address} is not part of this test's internet")
        return connect(self, ("127.0.0.1", server.port))

    def look_up(host: Any, port: Any, *more: Any, **named: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name and not name.replace(".", "").isdigit() and ":" not in name:
            return world.resolve(name, int(port or 0))
        return getaddrinfo(host, port, *more, **named)

    monkeypatch.setattr(socket.socket, "connect", lead)
    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    yield world
    assert set(world.tried) <= {PUBLIC}


@pytest.mark.parametrize("host", [PUBLIC, "public.example", "PUBLIC.example."])
async def test_what_is_public_is_fetched(host: str, internet: Internet, tmp_path: Path) -> None:
    internet.server.on("/clip.mp4", FILE)
    internet.server.page("/clip.mp4")
    report, _ = await fetch(f"http://{host}/page.html", tmp_path, network=STRICT)
    assert report.ok, report.failures
    assert finals(tmp_path) == {"clip.mp4": FILE.body}


HOSTS = [*PRIVATE, *DISGUISED, *(name for name in NAMES if name not in ("public.example",))]
REFUSED = [host for host in HOSTS if host != "mixed.example"]


@pytest.mark.parametrize("host", ["1.1.1.1.1", "256.256.256.256"])
async def test_numbers_that_are_no_address_are_no_url(
    host: str, internet: Internet, tmp_path: Path
) -> None:
    target = f"http://{host}/secret.mp4"
    with pytest.raises(UsageError, match="is not a URL"):
        await fetch(target, tmp_path, network=STRICT)
    internet.server.on("/", page(f'<a href="{target}">a</a>'))
    report, _ = await fetch(f"http://{PUBLIC}/", tmp_path, network=STRICT)
    assert report.found == 0 and finals(tmp_path) == {}


@pytest.mark.parametrize("host", REFUSED)
@pytest.mark.parametrize("way", ["given", "redirected to", "linked", "a file redirects"])
async def test_nothing_else_is_connected_to(
    way: str, host: str, internet: Internet, tmp_path: Path
) -> None:
    target = f"http://{host}/secret.mp4"
    internet.server.on("/", page(f'<a href="{target}">a</a>'))
    internet.server.on("/go.mp4", redirect(target))
    internet.server.on("/list", page('<a href="/go.mp4">a</a>'))
    start = {
        "given": target,
        "redirected to": f"http://{PUBLIC}/go.mp4",
        "linked": f"http://{PUBLIC}/",
        "a file redirects": f"http://{PUBLIC}/list",
    }[way]
    report, _ = await fetch(start, tmp_path, network=STRICT)
    assert finals(tmp_path) == {}
    assert len(report.failures) == 1, report
    assert "\n" not in report.failures[0].error


@pytest.mark.parametrize(
    "url",
    [
        f"http://public@{PUBLIC}/clip.mp4",
        f"http://a:b@{PUBLIC}/clip.mp4",
        "http://public.example@127.0.0.1/clip.mp4",
        "http://127.0.0.1#@public.example/clip.mp4",
        "http://127.0.0.1\\@public.example/clip.mp4",
        f"http://{PUBLIC}:22/clip.mp4",
        f"http://{PUBLIC}:6379/clip.mp4",
        f"http://{PUBLIC}:1/clip.mp4",
    ],
)
async def test_odd_urls_of_strangers_are_refused(
    url: str, internet: Internet, tmp_path: Path
) -> None:
    internet.server.on("/clip.mp4", FILE)
    internet.server.on("/go.mp4", redirect(url))
    internet.server.on("/list", page('<a href="/go.mp4">a</a>'))
    report, _ = await fetch(f"http://{PUBLIC}/list", tmp_path, network=STRICT)
    assert len(report.failures) == 1 and finals(tmp_path) == {}
    assert internet.server.asked("/clip.mp4") == []


async def test_a_name_that_moves_is_seen_where_it_connects(
    internet: Internet, tmp_path: Path
) -> None:
    """DNS rebinding: public for the page, private for the file."""
    internet.names["moving.example"] = [[PUBLIC], ["127.0.0.1"]]
    internet.server.on("/", page('<a href="http://moving.example:8080/secret.mp4">a</a>'))
    await fetch("http://moving.example/", tmp_path, network=STRICT)
    assert finals(tmp_path) == {}


async def test_of_a_mixed_answer_only_the_public_part_is_used(
    internet: Internet, tmp_path: Path
) -> None:
    internet.server.on("/clip.mp4", FILE)
    internet.names["mixed.example"] = [["127.0.0.1", PUBLIC, "10.0.0.1"]]
    await fetch("http://mixed.example/clip.mp4", tmp_path, network=STRICT)
    assert set(internet.tried) <= {PUBLIC}


async def test_the_command_line_may_reach_this_machine(server: Loopback, tmp_path: Path) -> None:
    server.on("/clip.mp4", FILE)
    report, _ = await fetch(server.page("/clip.mp4"), tmp_path)
    assert report.ok
