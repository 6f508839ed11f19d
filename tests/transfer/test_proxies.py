"""Which proxy a request takes, what is said of one that fails, and the guard before it."""

from __future__ import annotations

import logging
import socket
import threading
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.hostile import HostileServer, answer
from support.outcomes import fetch

from reelin import Network
from reelin.model.errors import UsageError
from reelin.net.guard import Exceptions, check_address, check_url
from reelin.net.proxies import Proxies

BODY = answer(200, b"ID3 music", content_type="audio/mpeg")
SITE = "http://site.example/a.mp3"


@pytest.mark.parametrize(
    ("environment", "url", "expected"),
    [
        ({}, SITE, None),
        ({"http_proxy": "http://p:1"}, SITE, "http://p:1"),
        ({"http_proxy": "http://p:1"}, "https://site.example/", None),
        ({"HTTPS_PROXY": "http://p:1"}, "https://site.example/", "http://p:1"),
        ({"all_proxy": "socks5h://p"}, SITE, "socks5h://p"),
        ({"ALL_PROXY": "socks://p:1/"}, SITE, "socks5://p:1"),
        ({"http_proxy": "p:1", "all_proxy": "q:1"}, SITE, "http://p:1"),
        ({"http_proxy": "http://me:secret@p:1"}, SITE, "http://p:1"),
        ({"http_proxy": "//p:1/"}, SITE, "http://p:1"),
        ({"http_proxy": "proxy.example"}, SITE, "http://proxy.example"),
        ({"http_proxy": "me:secret@[::1]:1"}, SITE, "http://[::1]:1"),
        ({"http_proxy": "", "HTTP_PROXY": "http://p:1"}, SITE, None),
        ({"http_proxy": "none"}, SITE, None),
        ({"http_proxy": "http://me:ü@Faß.example:1"}, SITE, "http://xn--fa-hia.example:1"),
        ({"HTTP_PROXY": "http://p:1"}, SITE, "http://p:1"),
        ({"HTTP_PROXY": "http://p:1", "REQUEST_METHOD": "GET"}, SITE, None),
    ],
)
def test_the_environment_names_a_proxy(
    environment: dict[str, str], url: str, expected: str | None
) -> None:
    proxy = Proxies(None, environment).choose(url)
    assert (str(proxy) if proxy else None) == expected


@pytest.mark.parametrize(
    ("exceptions", "url", "direct"),
    [
        ("*", SITE, True),
        ("site.example", SITE, True),
        (".example", SITE, True),
        ("*.example", SITE, True),
        ("example", "http://site.example./", True),
        ("te.example", SITE, False),
        ("other, SITE.example", SITE, True),
        ("other site.example", SITE, True),
        ("site.example:80", SITE, True),
        (".faß.example", "http://xn--fa-hia.example/", True),
        ("faß.example:81", "http://xn--fa-hia.example/", False),
        ("faß.example", "http://fass.example/", False),
        ("site.example:8080", SITE, False),
        ("site.example:443", "https://site.example/", True),
        ("10.0.0.0/8", "http://10.2.3.4/", True),
        ("10.0.0.0/8", "http://11.2.3.4/", False),
        ("192.168.1.5", "http://192.168.1.5:81/", True),
        ("[::1]", "http://[::1]:8080/", True),
        ("fd00::/8", "http://[fd00::1]/", True),
        (", ,.", SITE, False),
    ],
)
def test_no_proxy_names_exceptions(exceptions: str, url: str, direct: bool) -> None:
    environment = {"all_proxy": "http://p:1", "no_proxy": exceptions}
    assert (Proxies(None, environment).choose(url) is None) is direct


@pytest.mark.parametrize(
    ("written", "login"),
    [
        ("", None),
        ("me@", ("me", "")),
        ("me:a%40b%23@", ("me", "a@b#")),
        ("me:a@b#c/d?e@", ("me", "a@b#c/d?e")),
        ("OFFICE\\me:x y@", ("OFFICE\\me", "x y")),
        ("ä:ö:ü@", ("ä", "ö:ü")),
    ],
)
@pytest.mark.parametrize("scheme", ["http://", "socks5://", ""])
def test_logins_are_what_was_written(
    scheme: str, written: str, login: tuple[str, str] | None
) -> None:
    proxy = Proxies(f"{scheme}{written}p.example:1").choose(SITE)
    assert proxy is not None
    assert proxy.login == login
    assert proxy.address == ("p.example", 1)
    assert str(proxy) == f"{scheme or 'http://'}p.example:1"


async def test_a_login_is_sent_in_utf8(hostile: HostileServer, tmp_path: Path) -> None:
    hostile.on(SITE, BODY)
    proxy = hostile.origin.replace("//", "//OFFICE\\ä:ö@")
    report, _ = await fetch(SITE, tmp_path, network=Network(timeout=2, proxy=proxy))
    assert report.ok, report.failures
    sent = hostile.requests[0].headers["proxy-authorization"]
    assert b64decode(sent.removeprefix("Basic ")).decode() == "OFFICE\\ä:ö"


@pytest.mark.parametrize("text", ["", " ", "none", "None"])
def test_a_word_switches_off_the_environments(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("all_proxy", "http://p:1")
    assert Proxies(Network(proxy=text).proxy).choose(SITE) is None
    assert Proxies(None).choose(SITE) is not None


@pytest.mark.parametrize(
    "text", ["ftp://p:1", "nonsense", "http://", "http://p:99999", "http://p q:1", ":1"]
)
def test_what_is_no_proxy_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="--proxy"):
        Network(proxy=text)


@pytest.mark.parametrize("entry", ["", "host", "host:", "host:port", "10.0.0.0/99", "http://a:1"])
def test_what_is_no_exception_is_refused(entry: str) -> None:
    with pytest.raises(UsageError, match="allow"):
        Network(allow=[entry])


async def test_the_environments_proxy_is_used_and_told(
    hostile: HostileServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("http_proxy", hostile.origin.replace("//", "//me:s3cret@"))
    hostile.on(SITE, BODY)
    with caplog.at_level(logging.INFO, "reelin"):
        report, _ = await fetch(SITE, tmp_path, network=Network(timeout=2))
    assert report.ok, report.failures
    assert [each.message for each in caplog.records if "proxy" in each.message] == [
        f"requests go through the proxy {hostile.origin} (http_proxy)"
    ]


def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.mark.parametrize("scheme", ["http", "socks5", "socks4", "socks5h", "socks4a"])
@pytest.mark.parametrize("target", [SITE, "https://site.example/a.mp3"])
async def test_a_proxy_that_is_not_there_is_named(scheme: str, target: str, tmp_path: Path) -> None:
    proxy = f"{scheme}://me:s3cret@127.0.0.1:{unused_port()}"
    report, _ = await fetch(target, tmp_path, network=Network(proxy=proxy, retries=0, timeout=2))
    (failure,) = report.failures
    assert f"through the proxy {scheme}://127.0.0.1" in failure.error
    assert failure.error.endswith("connection refused: nothing listens at that port")
    assert "fault" not in failure.error and "s3cret" not in failure.error
    assert "\n" not in failure.error


@pytest.mark.parametrize("target", [SITE, "https://site.example/a.mp3"])
@pytest.mark.parametrize(("status", "words"), [(407, "USER:PASSWORD@"), (403, "403"), (502, "502")])
async def test_what_a_proxy_refuses_is_told(
    target: str, status: int, words: str, hostile: HostileServer, tmp_path: Path
) -> None:
    hostile.on(SITE, answer(status))
    hostile.on("site.example:443", answer(status))
    network = Network(proxy=hostile.origin, retries=0, timeout=2)
    report, _ = await fetch(target, tmp_path, network=network)
    assert words in report.failures[0].error
    assert "fault" not in report.failures[0].error


@pytest.fixture
def no_socks() -> Iterator[int]:
    """The port of a server that answers SOCKS with something else."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(100)
                    connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)
    thread.join()


@pytest.mark.parametrize("scheme", ["socks5", "socks4"])
async def test_what_is_no_socks_proxy_is_told(scheme: str, no_socks: int, tmp_path: Path) -> None:
    network = Network(proxy=f"{scheme}://127.0.0.1:{no_socks}", retries=0, timeout=2)
    report, _ = await fetch(SITE, tmp_path, network=network)
    assert "through the proxy" in report.failures[0].error
    assert "fault" not in report.failures[0].error


@pytest.mark.parametrize("scheme", ["http", "socks5", "socks4"])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_a_proxy_that_is_not_public_is_refused_where_others_are(
    scheme: str, host: str, no_socks: int, tmp_path: Path
) -> None:
    network = Network(
        proxy=f"{scheme}://{host}:{no_socks}", allow_private=False, retries=0, timeout=2
    )
    report, _ = await fetch("http://example.com/a.mp3", tmp_path, network=network)
    assert "through the proxy" in report.failures[0].error
    assert "not a public address" in report.failures[0].error


@pytest.mark.parametrize("entry", ["{host}:{port}", "127.0.0.0/8", "127.0.0.1"])
async def test_a_proxy_that_is_allowed_is_used(
    entry: str, hostile: HostileServer, tmp_path: Path
) -> None:
    host, _, port = hostile.origin.removeprefix("http://").partition(":")
    network = Network(
        proxy=hostile.origin,
        allow_private=False,
        allow=[entry.format(host=host, port=port)],
        timeout=2,
    )
    hostile.on(SITE, BODY)
    report, _ = await fetch(SITE, tmp_path, network=network)
    assert report.ok, report.failures
    # What strangers ask for is judged as before.
    report, _ = await fetch("http://10.1.1.1/a.mp3", tmp_path, network=network)
    assert "not public" in report.failures[0].error


async def test_an_allowed_name_is_asked_at_its_port_only(
    hostile: HostileServer, tmp_path: Path
) -> None:
    port = hostile.origin.rpartition(":")[2]
    network = Network(allow_private=False, allow=[f"localhost:{port}"], retries=0, timeout=2)
    hostile.on("/a.mp3", BODY)
    report, _ = await fetch(f"http://localhost:{port}/a.mp3", tmp_path, network=network)
    assert report.ok, report.failures
    for other in ("http://localhost/a.mp3", f"http://127.0.0.2:{port}/a.mp3"):
        report, _ = await fetch(other, tmp_path, network=network)
        assert "refused" in report.failures[0].error


def test_exceptions_are_of_addresses_or_of_one_port() -> None:
    assert Exceptions(["Faß.example:9000"]).names("xn--fa-hia.example", 9000)
    exceptions = Exceptions(["10.1.0.0/16", "[fd00::1]:8443", "127.0.0.1:9000"])
    check_address("10.1.2.3", 80, exceptions)
    check_address("fd00::1", 8443, exceptions)
    check_url("http://10.1.2.3/", exceptions)
    check_url("http://127.0.0.1:9000/", exceptions)
    for address, port in (("10.2.0.1", 80), ("fd00::1", 80), ("127.0.0.1", 80)):
        with pytest.raises(OSError, match="not a public"):
            check_address(address, port, exceptions)


BROKEN = {"https_proxy": "http://", "no_proxy": "direct.example"}


@pytest.mark.parametrize("url", [SITE, "https://direct.example/"])
def test_a_proxy_of_the_environment_that_is_never_needed_ends_nothing(url: str) -> None:
    assert Proxies(None, BROKEN).choose(url) is None


@pytest.mark.parametrize("name", ["https_proxy", "all_proxy", "ALL_PROXY"])
async def test_a_proxy_of_the_environment_that_is_none_fails_what_needs_it(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(name, "ht!tp://what is this")
    report, _ = await fetch("https://site.example/a.mp3", tmp_path, network=Network(retries=0))
    (failure,) = report.failures
    assert name in failure.error and "http://host:port" in failure.error
