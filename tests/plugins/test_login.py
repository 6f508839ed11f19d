"""Sites with a login: what extractors say of it, what is recorded of them, and what is not."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator, Iterator
from itertools import product
from pathlib import Path

import pytest
from support.loopback import Loopback, Request, Wire, reply
from support.outcomes import fetch
from support.packages import install
from support.shell import shell
from support.site import Site

from reelin import ExtractError, Extractor, Failed, LoginRequired, MediaItem, Page, Warned
from reelin.page.sign_in import stands_for
from reelin.testing import record

FORM = '<title>{}</title><form action="/in"><input name="user"><input type="Password"></form>'
MEMBERS = """
from reelin import Extractor, LoginRequired, hookimpl


class Members(Extractor):
    '''Films for members.'''

    name = "members"
    pattern = r"http://127\\.0\\.0\\.1:\\d+/film/"
    examples = ["http://127.0.0.1:1/film/1"]

    def extract(self, page):
        raise LoginRequired("get an account at members.example")


@hookimpl
def reelin_extractors():
    return [Members()]
"""


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback() as running:
        yield running


# What extractors say


class Vault(Extractor):
    """Something for all, and the rest for members."""

    name = "vault"
    pattern = r"http://127\.0\.0\.1:\d+/film"
    hint: str = ""

    def extract(self, page: Page) -> Iterator[MediaItem]:
        yield MediaItem(f"{page.url}.mp4")
        raise LoginRequired(self.hint)


@pytest.mark.parametrize("hint", ["", "ask your librarian"])
async def test_a_login_that_is_needed_is_a_failure_with_its_hint(
    hint: str, site: Site, tmp_path: Path
) -> None:
    site.add("/film.mp4", b"film", "video/mp4")
    page = site.add("/film", '<audio src="a.mp3"></audio>')
    report, events = await fetch(page, tmp_path, extractors=[Vault(hint=hint)])
    (failed,) = [each for each in events if isinstance(each, Failed)]
    assert (failed.url, failed.kind) == (page, "LoginRequired")
    assert failed.error.startswith(
        f"{page}: a login is needed: {hint or 'give one with --cookies'}"
    )
    assert [each.name for each in report.saved] == ["film.mp4"], "what was found before is kept"
    assert not site.times_asked("/a.mp3"), "it is not read as any other page"


def test_it_is_an_error_of_the_site() -> None:
    error = LoginRequired("how", url="https://a.example/")
    assert isinstance(error, ExtractError) and error.hint == "how"
    assert str(error) == "https://a.example/: a login is needed: how"


def test_the_command_line_shows_the_hint(server: Loopback, tmp_path: Path) -> None:
    install(tmp_path, "reelin_members", MEMBERS)
    server.on("/film/1", reply(200, b"<p>", "text/html"))
    done = shell(f"$REELIN {server.url('/film/1')}", tmp_path, PYTHONPATH=str(tmp_path))
    assert done.returncode == 1
    assert b"/film/1: a login is needed: get an account at members.example" in done.stderr


# Further pages by relative addresses


class Relative(Extractor):
    """Asks for pages as a link on the page would."""

    name = "relative"
    pattern = r"http://127\.0\.0\.1:\d+/film/"
    address: str = ""

    async def extract(self, page: Page) -> AsyncIterator[MediaItem]:
        further = await page.get(self.address)
        yield MediaItem(f"{further.url}.mp4", title=further.title)


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("/api/pot/3", "/api/pot/3"),
        ("2", "/film/2"),
        ("../x?a=1", "/x?a=1"),
        ("?p=2", "/film/1?p=2"),
    ],
)
async def test_a_relative_page_is_fetched(
    address: str, path: str, site: Site, tmp_path: Path
) -> None:
    start = site.add("/film/1", "<title>one</title>")
    site.add(path, "<title>two</title>")
    site.add(f"{path}.mp4", b"film", "video/mp4")
    relative = Relative(address=address)
    report, _ = await fetch(start, tmp_path / "out", extractors=[relative])
    assert report.ok and [each.size for each in report.saved] == [4]


NO_ADDRESSES = ["mailto:a@b.example", "javascript:x()", "data:text/html,x", "ftp://a.example/"]
NO_ADDRESSES += ["http://", "https://[::1", "http://a.example:x/", "//", "/{{id}}"]


# An empty link leads to its own page; nobody fetches that.
NO_LINKS = [("get", ""), ("get", " \n"), *product(["get", "follow"], NO_ADDRESSES)]
NO_TEXTS = product(["get", "follow"], [None, b"/film/2", 42, Path("/film/2"), ["/a"]])


@pytest.mark.parametrize(("way", "address"), [*NO_LINKS, *NO_TEXTS])
async def test_what_is_no_address_is_told(
    way: str, address: object, site: Site, tmp_path: Path
) -> None:
    """With the plugin, and the place in it; a plugin may catch what a page's link leads to."""

    class Careless(Relative):
        name = "careless"

        async def extract(self, page: Page) -> AsyncIterator[MediaItem]:
            await getattr(page, way)(address)
            yield MediaItem(page.url + ".mp4")

    start = site.add("/film/1", "<title>one</title>")
    report, events = await fetch(start, tmp_path / "out", extractors=[Careless()])
    said = [each.error for each in report.failures]
    said += [each.message for each in events if isinstance(each, Warned)]
    (text,) = said
    assert f"plugin careless on {start}: " in text and "(test_login.py, line " in text
    is_text = isinstance(address, str)
    assert (repr(address) if is_text else type(address).__name__) in text
    assert bool(report.failures) == is_text


# Sign-in pages in the place of others


@pytest.mark.parametrize(
    ("asked", "final", "body"),
    [
        ("http://a.example/x", "http://a.example/signin?next=/x", "<p>"),
        ("http://a.example/x", "http://a.example/users/sign_in", "<p>"),
        ("http://a.example/x", "http://a.example/accounts/login/", "<p>"),
        ("http://a.example/x", "http://a.example/wp-login.php?redirect_to=x", "<p>"),
        ("http://a.example/x", "http://a.example/Account/LogOn", "<p>"),
        ("http://a.example/x", "http://a.example/ucp.php?mode=login", "<p>"),
        ("http://a.example/x", "http://a.example/session/new", "<p>"),
        ("http://a.example/x", "https://accounts.b.example/v3/identifier", "<p>"),
        ("http://a.example/x", "https://login.b.example/common", "<p>"),
        ("http://a.example/x", "http://a.example/welcome", FORM.format("Hello")),
        ("http://a.example/x", "", FORM.format("Please sign in")),
        ("http://a.example/x", "", FORM.format("Anmelden | Verein")),
    ],
)
def test_a_sign_in_page_is_known(asked: str, final: str, body: str) -> None:
    page = Page(asked, body.encode(), {"content-type": "text/html"}, final)
    assert stands_for(page) == (final or asked)


@pytest.mark.parametrize(
    ("asked", "final", "body"),
    [
        ("http://a.example/x", "", "<title>A film</title>"),
        ("http://a.example/x", "", FORM.format("A film, in a forum whose head has the form")),
        ("http://a.example/x", "http://a.example/x/how-to-log-in-again", "<p>"),
        ("http://a.example/x", "http://www.a.example/x", "<p>"),
        ("http://a.example/x", "http://a.example/blogin", "<p>"),
        ("http://a.example/x", "http://a.example/y?next=/login", "<p>"),
        ("http://a.example/login", "", FORM.format("Log in")),
        ("http://a.example/login", "http://a.example/login/", FORM.format("Log in")),
        ("http://accounts.a.example/x", "http://accounts.a.example/y", "<p>"),
    ],
)
def test_other_pages_are_none(asked: str, final: str, body: str) -> None:
    page = Page(asked, body.encode(), {"content-type": "text/html"}, final)
    assert stands_for(page) is None


# Recording


def members(request: Request, wire: Wire) -> None:
    """A site that sends those away who are not logged in, in any of three ways."""
    login = base64.b64encode(b"me:secret").decode()
    known = {
        request.headers.get("cookie"),
        request.headers.get("authorization"),
        request.headers.get("x-key"),
    }
    if known & {"id=secret", f"Basic {login}", "secret"}:
        reply(200, b'<title>Film</title><video src="f.mp4"></video>', "text/html")(request, wire)
    else:
        reply(302, b"", Location="/signin?next=/film")(request, wire)


@pytest.fixture
def film(server: Loopback) -> str:
    server.on("/signin?next=/film", reply(200, FORM.format("Log in").encode(), "text/html"))
    return server.on("/film", members)


def test_recording_takes_the_login_and_does_not_keep_it(
    film: str, server: Loopback, tmp_path: Path
) -> None:
    cookie = f"{server.host}\tFALSE\t/\tFALSE\t0\tid\tsecret\n"
    (tmp_path / "cookies.txt").write_text(f"# Netscape HTTP Cookie File\n{cookie}")
    (tmp_path / ".netrc").write_text(f"machine {server.host} login me password secret\n")
    (tmp_path / ".netrc").chmod(0o600)
    (tmp_path / "r.toml").write_text('cookies = "cookies.txt"\nworkers = 2\n')
    with_login = film.replace("http://", "http://me:secret@")
    for number, words in enumerate(
        [
            f"{film} $OUT --cookies cookies.txt",
            f"{film} $OUT -H 'X-Key: secret'",
            f"--netrc {film} $OUT",
            f"{film} $OUT --config r.toml",
            f"{with_login} $OUT",
        ]
    ):
        folder = tmp_path / str(number)
        command = f"$REELIN record -R 0 -p direct {words.replace('$OUT', folder.name)}"
        done = shell(command, tmp_path)
        assert (done.returncode, done.stdout.decode()) == (0, f"{film}\n"), done.stderr
        assert "Film" in (folder / "film.html").read_text()
        assert not [each for each in folder.iterdir() if "secret" in each.read_text()]
    (tmp_path / "x").mkdir()
    done = shell(f"$REELIN record {film} x -p direct", tmp_path, REELIN_COOKIES="cookies.txt")
    assert done.returncode == 0


def test_a_sign_in_page_is_not_recorded(film: str, tmp_path: Path) -> None:
    for words in ("", "-H 'X-Key: wrong'"):
        done = shell(f"$REELIN record {film} rec -p direct {words}", tmp_path)
        assert done.returncode == 1 and not (tmp_path / "rec").exists()
        assert b"/film: a login is needed: " in done.stderr and b"/signin" in done.stderr
        assert b"--cookies" in done.stderr and b"Traceback" not in done.stderr


async def test_any_page_is_looked_at(server: Loopback, tmp_path: Path) -> None:
    server.on("/signin", reply(200, FORM.format("Log in").encode(), "text/html"))
    server.on("/api", reply(302, b"", Location="/signin"))
    start = server.on(
        "/tracks", reply(200, b'<a href="/api" class="next" rel="next">2</a>', "text/html")
    )
    with pytest.raises(LoginRequired, match="/signin"):
        await record(server.url("/api"), tmp_path / "rec")
    assert await record(start, tmp_path / "rec", plugin="direct") == [start]
    assert list(json.loads((tmp_path / "rec" / "index.json").read_text())) == [start]


def test_recording_goes_through_a_proxy(server: Loopback, tmp_path: Path) -> None:
    server.on("http://films.invalid/film", reply(200, b"<title>Film</title>", "text/html"))
    words = f"http://films.invalid/film rec -p direct --proxy {server.url('')}"
    done = shell(f"$REELIN record {words}", tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Film" in (tmp_path / "rec" / "film.html").read_text()
