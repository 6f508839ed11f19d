"""Redirects, and which origin hears which secret: rules 0.7 and section 4."""

from __future__ import annotations

import asyncio
import base64
import ssl
from pathlib import Path

import pytest
from support.command import Command
from support.files import File, noise
from support.loopback import Loopback, page, redirect, reply
from support.outcomes import QUICK, fetch
from support.runs import finals

from reelin import Network, as_dict

BODY = noise(5000)
FILE = File(BODY)
LOGIN = "Basic " + base64.b64encode(b"me:hunter2").decode()
SECRETS = {"Authorization": "Bearer hunter2", "Cookie": "session=hunter2", "X-Api-Key": "hunter2"}


# Where a redirect may lead


@pytest.mark.parametrize("hops", [1, 9, 10])
async def test_ten_hops_are_followed(hops: int, server: Loopback, tmp_path: Path) -> None:
    for hop in range(hops):
        server.on(f"/{hop}.mp4", redirect(f"/{hop + 1}.mp4"))
    server.on(f"/{hops}.mp4", FILE)
    report, _ = await fetch(server.page("/0.mp4"), tmp_path)
    assert report.ok and list(finals(tmp_path).values()) == [BODY]


async def test_eleven_are_not(server: Loopback, tmp_path: Path) -> None:
    for hop in range(11):
        server.on(f"/{hop}.mp4", redirect(f"/{hop + 1}.mp4"))
    server.on("/11.mp4", FILE)
    report, _ = await fetch(server.page("/0.mp4"), tmp_path)
    assert "redirect" in report.failures[0].error
    assert server.asked("/11.mp4") == []


@pytest.mark.parametrize("what", ["page", "file"])
async def test_a_loop_ends(what: str, server: Loopback, tmp_path: Path) -> None:
    server.on("/a.mp4", redirect("/b.mp4"))
    server.on("/b.mp4", redirect("/a.mp4"))
    start = server.page("/a.mp4") if what == "file" else server.url("/a.mp4")
    report, _ = await fetch(start, tmp_path)
    assert len(report.failures) == 1
    assert len(server.asked("/a.mp4")) + len(server.asked("/b.mp4")) == 11


@pytest.mark.parametrize(
    "location",
    [
        "file:///etc/passwd",
        "ftp://127.0.0.1/a.mp4",
        "data:video/mp4;base64,AAAA",
        "javascript:alert(1)",
        "gopher://127.0.0.1:70/_GET",
        "unix:///var/run/docker.sock",
        "http://[::1",
        "http://127.0.0.1:99999/",
    ],
)
@pytest.mark.parametrize("what", ["page", "file"])
async def test_only_http_is_followed(
    what: str, location: str, server: Loopback, tmp_path: Path
) -> None:
    server.on("/a.mp4", redirect(location))
    start = server.page("/a.mp4") if what == "file" else server.url("/a.mp4")
    report, _ = await fetch(start, tmp_path)
    assert len(report.failures) == 1 and "\n" not in report.failures[0].error
    assert finals(tmp_path) == {}
    assert len(server.asked("/a.mp4")) == 1


@pytest.mark.parametrize(
    ("location", "path"),
    [
        ("next.mp4", "/folder/next.mp4"),
        ("../next.mp4", "/next.mp4"),
        ("?again=1", "/folder/a.mp4?again=1"),
        ("/with space.mp4", "/with%20space.mp4"),
        ("/n%C3%A9.mp4#part", "/n%C3%A9.mp4"),
        ("/né.mp4", "/n%C3%A9.mp4"),
        ("/keep%2Fthis%2fas.mp4", "/keep%2Fthis%2fas.mp4"),
    ],
)
async def test_locations_are_read_as_browsers_do(
    location: str, path: str, server: Loopback, tmp_path: Path
) -> None:
    server.on("/folder/a.mp4", redirect(location))
    server.on(path, FILE)
    report, _ = await fetch(server.page("/folder/a.mp4"), tmp_path)
    assert report.ok, (report.failures, [request.path for request in server.requests])
    assert list(finals(tmp_path).values()) == [BODY]


async def test_links_belong_to_the_page_that_was_reached(
    server: Loopback, stranger: Loopback, tmp_path: Path
) -> None:
    there = stranger.on("/deep/page.html", page('<a href="clip.mp4">a</a>'))
    stranger.on("/deep/clip.mp4", FILE)
    report, _ = await fetch(server.on("/", redirect(there)), tmp_path)
    assert report.ok and finals(tmp_path) == {"clip.mp4": BODY}


async def test_a_resumed_range_survives_a_redirect(server: Loopback, tmp_path: Path) -> None:
    big = File(noise(3 << 20))
    server.on("/a.mp4", redirect("/real.mp4"))
    server.on("/real.mp4", big.broken_off(2 << 20), big)
    report, _ = await fetch(server.page("/a.mp4"), tmp_path)
    assert report.ok and list(finals(tmp_path).values()) == [big.body]
    assert [request.first for request in server.asked("/real.mp4")] == [None, 2 << 20]


# Who hears a secret


def heard(server: Loopback) -> str:
    """Everything that a server was told in headers."""
    return "\n".join(
        f"{name}: {value}" for request in server.requests for name, value in request.headers.items()
    )


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize("way", ["a redirect", "a link", "a redirected page"])
async def test_headers_of_a_person_go_to_their_origin_only(
    name: str, way: str, server: Loopback, stranger: Loopback, tmp_path: Path
) -> None:
    there = stranger.on("/clip.mp4", FILE)
    stranger.page("/clip.mp4")
    server.on("/clip.mp4", redirect(there))
    start = {
        "a redirect": server.page("/clip.mp4"),
        "a link": server.page(there),
        "a redirected page": server.on("/start", redirect(stranger.url("/page.html"))),
    }[way]
    network = Network(headers={name: SECRETS[name]}, timeout=2)
    report, _ = await fetch(start, tmp_path, network=network)
    assert report.ok and finals(tmp_path) == {"clip.mp4": BODY}
    assert all(request.headers[name.lower()] == SECRETS[name] for request in server.requests)
    assert "hunter2" not in heard(stranger)


async def test_a_login_in_the_url_goes_to_its_origin_only(
    server: Loopback, stranger: Loopback, tmp_path: Path
) -> None:
    server.on("/mine.mp4", FILE)
    server.on("/theirs.mp4", redirect(stranger.on("/theirs.mp4", FILE)))
    start = server.page("/mine.mp4", "/theirs.mp4").replace("//", "//me:hunter2@")
    report, events = await fetch(start, tmp_path)
    assert report.ok
    assert {request.headers["authorization"] for request in server.requests} == {LOGIN}
    assert "hunter2" not in heard(stranger) and "me:" not in heard(stranger)
    assert all("hunter2" not in request.headers.get("referer", "") for request in server.requests)
    assert "hunter2" not in (tmp_path / ".reelin" / "manifest.jsonl").read_text()
    assert "hunter2" not in repr([as_dict(event) for event in events])


async def test_a_login_in_a_redirect_is_for_that_origin(
    server: Loopback, stranger: Loopback, tmp_path: Path
) -> None:
    there = stranger.on("/clip.mp4", FILE).replace("//", "//me:hunter2@")
    server.on("/clip.mp4", redirect(there))
    report, _ = await fetch(server.page("/clip.mp4"), tmp_path)
    assert report.ok
    assert stranger.requests[0].headers["authorization"] == LOGIN
    assert "hunter2" not in heard(server)


async def test_a_login_does_not_come_back_with_an_error(server: Loopback, tmp_path: Path) -> None:
    server.on("/clip.mp4", reply(404))
    start = server.page("/clip.mp4").replace("//", "//me:hunter2@")
    report, events = await fetch(start, tmp_path)
    assert len(report.failures) == 1
    assert "hunter2" not in repr([as_dict(event) for event in events])
    gone = server.url("/gone.html").replace("//", "//me:hunter2@")
    report, events = await fetch(gone, tmp_path)
    assert len(report.failures) == 1
    assert "hunter2" not in repr([as_dict(event) for event in events])


async def test_cookies_that_a_server_sets_stay_with_it(
    server: Loopback, stranger: Loopback, tmp_path: Path
) -> None:
    there = stranger.on("/theirs.mp4", FILE)
    server.on("/mine.mp4", FILE)
    links = f'<a href="/mine.mp4">a</a><a href="{there}">b</a>'
    start = server.on("/", reply(200, links.encode(), "text/html", Set_Cookie="id=hunter2; Path=/"))
    report, _ = await fetch(start, tmp_path, network=QUICK)
    assert report.ok
    assert server.asked("/mine.mp4")[0].headers["cookie"] == "id=hunter2"
    assert "hunter2" not in heard(stranger)


def test_netrc_and_headers_on_the_command_line(
    server: Loopback, stranger: Loopback, tmp_path: Path
) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine 127.0.0.1 login me password hunter2\n")
    netrc.chmod(0o600)
    server.on("/clip.mp4", redirect(stranger.on("/clip.mp4", FILE)))
    start = server.page("/clip.mp4")
    command = Command(
        start, "run", "-o", tmp_path, "--netrc", "-H", "X-Token: hunter2", home=tmp_path
    )
    ended = command.end()
    assert ended.code == 0, ended.err
    assert {request.headers["authorization"] for request in server.requests} == {LOGIN}
    assert {request.headers["x-token"] for request in server.requests} == {"hunter2"}
    assert "hunter2" not in heard(stranger) and "authorization" not in heard(stranger)
    assert "hunter2" not in ended.out + ended.err


async def test_a_certificate_nobody_vouches_for_is_refused_once(tmp_path: Path) -> None:
    trustme = pytest.importorskip("trustme")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    asked: list[str] = []

    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append("a request")
        writer.close()

    listening = await asyncio.start_server(greet, "127.0.0.1", 0, ssl=context)
    async with listening:
        port = listening.sockets[0].getsockname()[1]
        report, _ = await fetch(f"https://127.0.0.1:{port}/clip.mp4", tmp_path)
    assert "certificate" in report.failures[0].error and "\n" not in report.failures[0].error
    assert asked == [] and finals(tmp_path) == {}
