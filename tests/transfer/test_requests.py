"""What requests carry and where they go: redirects, credentials, referers, the guard."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.hostile import HostileServer, Request, answer
from support.outcomes import fetch, names_in

from reelin import Extractor, MediaItem, Network, Page, Registry, Session
from reelin.model.errors import FetchError, Transient, UsageError
from reelin.model.referrer import referer
from reelin.net.guard import check_url, is_blocked
from reelin.net.retry import PROGRESS, Budget, retry_after

MP3 = {"content_type": "audio/mpeg"}
BODY = answer(200, b"ID3 music", **MP3)


def redirect(to: str, status: int = 302) -> bytes:
    return answer(status, b"", Location=to)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirects_are_followed(status: int, hostile: HostileServer, tmp_path: Path) -> None:
    hostile.on("/final.mp3", BODY)
    report, _ = await fetch(hostile.on("/a", redirect("/final.mp3", status)), tmp_path)
    assert report.ok
    assert names_in(tmp_path) == ["final.mp3"]


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("/a", "10 redirects"),
        ("file:///etc/passwd", "not http"),
        ("ftp://127.0.0.1/x", "not http"),
        ("javascript:alert(1)", "not http"),
    ],
)
async def test_bad_redirects_are_refused(
    target: str, words: str, hostile: HostileServer, tmp_path: Path
) -> None:
    report, _ = await fetch(hostile.on("/a", redirect(target)), tmp_path)
    assert words in report.failures[0].error
    assert len(hostile.requests) <= 11


async def test_bytes_of_a_redirect_are_sent_as_they_came(
    hostile: HostileServer, tmp_path: Path
) -> None:
    hostile.on("/caf%E9.mp3?n=%C3%BC", BODY)
    moved = redirect("/café.mp3?n=%C3%BC")
    report, _ = await fetch(hostile.on("/a", moved), tmp_path)
    assert report.ok and len(hostile.requests) == 2


async def test_hosts_are_those_of_browsers_wherever_they_come_from(
    hostile: HostileServer, tmp_path: Path
) -> None:
    class Plugin(Extractor):
        name = "plugin"

        async def extract(self, page: Page) -> AsyncIterator[MediaItem]:
            await page.get("http://faß.example/page")
            yield MediaItem("http://βόλος.example/a.mp3")

    hostile.on(
        "http://xn--gro-7ka.example/",
        redirect("http://straße.example/").replace(b"\xdf", "ß".encode()),
    )
    html = answer(200, b"<html>", content_type="text/html")
    hostile.on("http://xn--strae-oqa.example/", html)
    hostile.on("http://xn--fa-hia.example/page", html)
    hostile.on("http://xn--nxasmm1c.example/a.mp3", BODY)
    network = Network(retries=0, timeout=2, proxy=hostile.origin)
    report, _ = await fetch("http://groß.example", tmp_path, network=network, extractors=[Plugin()])
    assert report.ok, report.failures
    assert [each.headers["host"] for each in hostile.requests] == [
        "xn--gro-7ka.example",
        "xn--strae-oqa.example",
        "xn--fa-hia.example",
        "xn--nxasmm1c.example",
    ]


@pytest.mark.parametrize("host", ["xn--a", "xn--zzzzzzzzzz", "a..b", "a" * 70 + ".example"])
async def test_hosts_that_no_server_can_have(host: str, tmp_path: Path) -> None:
    report, _ = await fetch(f"http://{host}/a.mp3", tmp_path, network=Network(retries=0, timeout=2))
    assert "fault" not in report.failures[0].error


@pytest.fixture
def other() -> object:
    with HostileServer() as server:
        yield server


async def test_secrets_stay_at_their_origin(
    hostile: HostileServer, other: HostileServer, tmp_path: Path
) -> None:
    moved = other.on("/moved.mp3", BODY)
    linked = other.on("/linked.mp3", BODY)
    hostile.on("/own.mp3", BODY)
    hostile.on("/away.mp3", redirect(moved))
    page = f'<audio src="/own.mp3"></audio><audio src="/away.mp3"></audio><audio src="{linked}"></audio>'
    hostile.on("/", answer(200, page.encode(), content_type="text/html"))
    network = Network(
        headers={
            "Authorization": "Bearer s3cret",
            "Cookie": "id=s3cret",
            "X-Api-Key": "s3cret",
            "Accept-Language": "de",
        },
        timeout=2,
    )
    report, _ = await fetch(hostile.origin + "/", tmp_path, network=network)
    assert report.ok
    own = hostile.asked("/own.mp3")[0].headers
    assert (own["authorization"], own["cookie"], own["x-api-key"]) == (
        "Bearer s3cret",
        "id=s3cret",
        "s3cret",
    )
    for request in other.requests:
        assert "s3cret" not in str(request.headers)
        assert request.headers["accept-language"] == "de"


async def test_a_login_in_the_url_serves_its_origin_only(
    hostile: HostileServer, other: HostileServer, tmp_path: Path
) -> None:
    elsewhere = other.on("/b.mp3", BODY)
    hostile.on("/a.mp3", BODY)
    page = f'<audio src="a.mp3"></audio><audio src="{elsewhere}"></audio>'
    hostile.on("/page", answer(200, page.encode(), content_type="text/html"))
    url = hostile.origin.replace("//", "//me:p%40ss@") + "/page"
    report, _ = await fetch(url, tmp_path)
    assert report.ok
    expected = "Basic " + base64.b64encode(b"me:p@ss").decode()
    assert [each.headers["authorization"] for each in hostile.requests] == [expected] * 2
    assert "authorization" not in other.requests[0].headers
    assert "p@ss" not in str(other.requests[0].headers) and "p%40ss" not in str(
        other.requests[0].headers
    )


async def test_netrc_logins_are_used(
    hostile: HostileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password pw\n")
    (tmp_path / ".netrc").chmod(0o600)
    await fetch(hostile.on("/a.mp3", BODY), tmp_path / "run", network=Network(netrc=True))
    expected = "Basic " + base64.b64encode(b"me:pw").decode()
    assert hostile.requests[0].headers["authorization"] == expected


async def test_a_missing_netrc_is_a_usage_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(UsageError, match="netrc"):
        Session(network=Network(netrc=True))


async def test_cookies_txt_is_sent_and_set_cookie_kept(
    hostile: HostileServer, tmp_path: Path
) -> None:
    jar = tmp_path / "cookies.txt"
    jar.write_text(
        "# Netscape HTTP Cookie File\n"
        "127.0.0.1\tFALSE\t/\tFALSE\t0\tsession\tfrom-file\n"
        "#HttpOnly_127.0.0.1\tFALSE\t/\tFALSE\t4102444800\tlogin\tyes\n"
        "example.com\tFALSE\t/\tFALSE\t0\tother\tno\n"
    )
    page = answer(200, b'<audio src="/a.mp3">', content_type="text/html", Set_Cookie="seen=1")
    hostile.on("/a.mp3", BODY)
    await fetch(hostile.on("/", page), tmp_path / "run", network=Network(cookies=jar))
    first, second = (each.headers["cookie"] for each in hostile.requests)
    assert "session=from-file" in first and "login=yes" in first and "other" not in first
    assert "seen=1" in second


@pytest.mark.parametrize("text", ["not cookies", None])
async def test_bad_cookies_are_a_usage_error(text: str | None, tmp_path: Path) -> None:
    path = tmp_path / "cookies.txt"
    if text:
        path.write_text(text)
    with pytest.raises(UsageError, match="cookies"):
        async with Session(network=Network(cookies=path)):
            pass


async def test_an_unknown_browser_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="firefox"):
        async with Session(network=Network(cookies_from_browser="lynx")):
            pass


async def test_the_page_is_the_referer(
    hostile: HostileServer, other: HostileServer, tmp_path: Path
) -> None:
    elsewhere = other.on("/b.mp3", BODY)
    hostile.on("/a.mp3", BODY)
    page = f'<audio src="/a.mp3"></audio><audio src="{elsewhere}"></audio>'
    url = hostile.on("/page?x=1", answer(200, page.encode(), content_type="text/html"))
    await fetch(url, tmp_path)
    assert hostile.asked("/a.mp3")[0].headers["referer"] == url
    assert other.requests[0].headers["referer"] == hostile.origin + "/"


def test_https_pages_are_no_referer_for_http() -> None:
    assert referer("https://a.example/x", "http://b.example/y") is None


async def test_requests_go_through_the_proxy(hostile: HostileServer, tmp_path: Path) -> None:
    hostile.on("http://site.example/a.mp3", BODY)
    network = Network(proxy=hostile.origin, timeout=2)
    report, _ = await fetch("http://site.example/a.mp3", tmp_path, network=network)
    assert report.ok
    assert hostile.requests[0].headers["host"] == "site.example"


async def test_per_host_bounds_connections(hostile: HostileServer, tmp_path: Path) -> None:
    import threading
    import time

    now, most, lock = [0], [0], threading.Lock()

    def counted(_: Request) -> bytes:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        time.sleep(0.05)
        with lock:
            now[0] -= 1
        return BODY

    page = "".join(f'<audio src="/{n}.mp3"></audio>' for n in range(12))
    for number in range(12):
        hostile.on(f"/{number}.mp3", counted)
    hostile.on("/", answer(200, page.encode(), content_type="text/html"))
    report, _ = await fetch(hostile.origin + "/", tmp_path, workers=8, network=Network(per_host=2))
    assert report.ok
    assert most[0] <= 2


# The guard


@pytest.mark.parametrize(
    "address",
    "0.0.0.0 10.1.2.3 100.64.0.1 127.0.0.1 168.63.129.16 169.254.169.254 172.16.0.1 172.31.255.255"
    " 192.0.0.1 192.0.2.1 192.88.99.1 192.168.1.1 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1"
    " 240.0.0.1 255.255.255.255 :: ::1 ::7f00:1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 64:ff9b::7f00:1"
    " 64:ff9b:1::1 100::1 2001::1 2001:db8::1 2002:7f00:1:: 3fff::1 5f00::1 fc00::1 fd00:ec2::254"
    " fe80::1 fe80::1%eth0 fec0::1 ff02::1".split(),
)
def test_what_is_not_public_is_blocked(address: str) -> None:
    assert is_blocked(address)


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "93.184.216.34", "172.32.0.1", "2606:4700::1", "::ffff:1.1.1.1"]
)
def test_what_is_public_is_not(address: str) -> None:
    assert not is_blocked(address)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://localhost/",
        "http://LOCALHOST./",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://0177.0.0.1/",
        "http://127.1/",
        "http://[::1]/",
        "http://[::ffff:7f00:1]/",
        "http://public.example@127.0.0.1/",
        "http://a.example:22/",
        "http://169.254.169.254/latest/",
        "http://user:pw@a.example/",
    ],
)
def test_urls_that_strangers_may_not_submit(url: str) -> None:
    with pytest.raises(FetchError):
        check_url(url)


@pytest.mark.parametrize(
    "url", ["https://a.example/", "http://a.example:8080/x", "http://1.1.1.1/"]
)
def test_urls_that_they_may(url: str) -> None:
    check_url(url)


async def test_the_guard_sees_the_address_that_a_name_leads_to(
    hostile: HostileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS may say anything: what counts is the address that is about to be connected to."""
    import asyncio
    import socket

    async def lies(*_: object, **__: object) -> list[object]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 80))]

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", lies)
    network = Network(allow_private=False, retries=0, timeout=2)
    report, _ = await fetch("http://public.example/", tmp_path, network=network)
    assert "not a public address" in report.failures[0].error
    assert hostile.requests == []


# The budget of attempts


def test_attempts_without_progress_are_counted() -> None:
    budget = Budget(Network(retries=3))
    for _ in range(3):
        assert 0.25 <= budget.spend(Transient("x")) <= 2.0
    with pytest.raises(FetchError, match="4 attempts"):
        budget.spend(Transient("x"))


def test_progress_renews_them_but_not_for_ever() -> None:
    budget = Budget(Network(retries=2))
    for step in range(1, 21):
        budget.spend(Transient("x"), kept=step * PROGRESS)
    with pytest.raises(FetchError):
        budget.spend(Transient("x"), kept=21 * PROGRESS)


def test_what_is_not_kept_is_no_progress() -> None:
    budget = Budget(Network(retries=1))
    budget.spend(Transient("x"), kept=0)
    with pytest.raises(FetchError):
        budget.spend(Transient("x"), kept=PROGRESS - 1)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("5", 5.0),
        (" 0 ", 0.0),
        ("9" * 12, float("9" * 12)),
        ("-1", None),
        ("soon", None),
        ("1e3", None),
        ("", None),
        (None, None),
        ("Mon, 02 Nov 2026 10:00:30 GMT", 30.0),
        ("Mon, 02 Nov 2026 09:00:00 GMT", 0.0),
    ],
)
def test_retry_after_is_read(value: str | None, seconds: float | None) -> None:
    now = 1793613600.0  # Mon, 02 Nov 2026 10:00:00 GMT
    assert retry_after(value, now) == seconds


@given(st.text())
def test_retry_after_never_raises(value: str) -> None:
    found = retry_after(value)
    assert found is None or found >= 0


async def test_headers_that_cannot_be_sent_are_told_at_once(
    hostile: HostileServer, tmp_path: Path
) -> None:
    """An extractor's: no other try would send them."""

    class Odd(Extractor):
        """Odd headers."""

        name = "odd"
        finds = "<p>"

        def extract(self, page: Page) -> Iterator[MediaItem]:
            yield MediaItem(page.absolute("/a.mp3") or "", headers={"X-Key": "a\r\nb"})

    hostile.on("/a.mp3", BODY)
    page = hostile.on("/", answer(200, b"<p>", content_type="text/html"))
    async with Session(registry=Registry([Odd()]), network=Network(retries=9)) as session:
        report = await session.download(page, tmp_path)
    (failed,) = report.failures
    assert "the request cannot be sent" in failed.error
    assert [request.path for request in hostile.requests] == ["/"]
