"""cookies.txt as people have them: what is sent, what is passed over, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.hostile import HostileServer, answer
from support.outcomes import fetch

from reelin import Network, Session
from reelin.media.ytdlp.downloader import Downloader
from reelin.model.errors import UsageError
from reelin.net.cookie_file import SavedCookie, read_cookies

HEADING = "# Netscape HTTP Cookie File\n"
OWN = "127.0.0.1\tFALSE\t/\tFALSE\t0\tid\tmine\n"


def line(name: str, value: str, host: str = "127.0.0.1", *, secure: str = "FALSE") -> str:
    return f"{host}\tFALSE\t/\t{secure}\t0\t{name}\t{value}\n"


async def sent(data: str | bytes, hostile: HostileServer, tmp_path: Path) -> list[str]:
    """The cookies that a request carries when a file holds this."""
    file = tmp_path / "cookies.txt"
    file.write_bytes(data if isinstance(data, bytes) else data.encode())
    url = hostile.on("/a.mp3", answer(200, b"ID3 music", content_type="audio/mpeg"))
    report, _ = await fetch(url, tmp_path / "run", network=Network(cookies=file))
    assert report.ok, report.failures
    return hostile.requests[0].headers.get("cookie", "").split("; ")


PASSED_OVER = {
    "prose": "my cookies of the other browser, all of them\n",
    "three fields": "a\tb\tc\n",
    "no name": line("", "x"),
    "no domain": line("x", "1", ""),
    "a dot for a domain": line("x", "1", "."),
    "a URL for a domain": line("x", "1", "https://site.example/login"),
    "a wildcard": line("x", "1", "*"),
    "a login in the domain": line("x", "1", "me@127.0.0.1"),
    "an impossible port": line("x", "1", "127.0.0.1:99999"),
    "a broken IPv6 address": line("x", "1", "[::1"),
    "a label of 70": line("x", "1", f"{'a' * 70}.example"),
    "a NUL in the value": line("x", "a\x00b"),
    "an escape in the name": line("a\x1bb", "1"),
    "a tab in the value": line("x", "a\tb"),
    "a secure one": line("x", "1", secure="true"),
    "only a comment": "#127.0.0.1\tFALSE\t/\tFALSE\t0\tx\t1\n",
    "of a neighbour": line("x", "1", "127.0.0.10"),
}


@pytest.mark.parametrize("useless", PASSED_OVER.values(), ids=list(PASSED_OVER))
@pytest.mark.parametrize("before", [True, False])
async def test_a_useless_line_is_passed_over(
    useless: str, before: bool, hostile: HostileServer, tmp_path: Path
) -> None:
    text = HEADING + (useless + OWN if before else OWN + useless)
    assert await sent(text, hostile, tmp_path) == ["id=mine"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AMCV_1234@AdobeOrg", "1176715910%7CMCIDTS%7C19"),
        ("{guid}", "(1)"),
        ("a,b", "c,d"),
        ('q"', '"'),
        ("path", "/x"),
        ("expires", "0"),
        ("json", '{"k": ["a b", "\\"c\\""]}'),
        ("backslash", "a\\054b"),
        ("quoted", '"a\\054 b"'),
        ("half", '"open'),
        ("equals", "a=b==" + "="),
        ("blank", "a b "),
        ("percent", "%E2%82%AC+"),
        ("empty", ""),
        ("имя", "1"),
        ("euro", "€"),
    ],
)
async def test_names_and_values_come_back_as_they_are(
    name: str, value: str, hostile: HostileServer, tmp_path: Path
) -> None:
    text = HEADING + line(name, value) + OWN
    header = "; ".join(await sent(text, hostile, tmp_path))
    if not f"{name}{value}".isascii():
        header = header.encode("latin-1").decode()
    assert sorted(header.split("; ")) == sorted([f"{name}={value}", "id=mine"])


FILES: dict[str, str | bytes] = {
    "no heading": OWN,
    "a heading below": OWN + HEADING,
    "a mark of UTF-8": "\ufeff" + OWN,
    "UTF-16, little": ("\ufeff" + HEADING + OWN).encode("utf-16-le"),
    "UTF-16, big": ("\ufeff" + HEADING + OWN).encode("utf-16-be"),
    "Latin-1": (HEADING + line("x", "é", "site.example") + OWN).encode("latin-1"),
    "old line ends": (HEADING + OWN).replace("\n", "\r"),
    "no line end at all": OWN.rstrip(),
    "line separators within a value": HEADING + line("x", "a\u2028b", "site.example") + OWN,
    "blanks for tabs": HEADING + OWN.replace("\t", "   "),
    "a port in the domain": line("id", "mine", "127.0.0.1:8080"),
    "a dot before an address": line("id", "mine", ".127.0.0.1"),
    "expired long ago": OWN.replace("\t0\t", "\t1000000000\t"),
    "UTF-16 without a mark": (HEADING + OWN).encode("utf-16-le"),
    "UTF-16 without a mark, big": (HEADING + OWN).encode("utf-16-be"),
    "tabs that align the columns": HEADING + OWN.replace("\t", "\t\t"),
    "tabs and blanks": HEADING + OWN.replace("\tFALSE", "  FALSE"),
    "blanks, and an expiry before 1970": OWN.replace("\t0\t", "\t-1\t").replace("\t", " "),
    "a blank in front": HEADING + "  " + OWN,
    "a tab behind the value": HEADING + OWN.replace("\n", "\t\n"),
    "further columns": HEADING + OWN.replace("\n", "\tLax\tMedium\ttrue\n"),
    "HTTP only in small letters": HEADING + "#httponly_" + OWN,
    "an expiry in words": OWN.replace("\t0\t", "\tSession\t"),
    "an expiry before 1970": OWN.replace("\t0\t", "\t-1\t"),
    "a path without a slash": OWN.replace("\t/\t", "\t\t"),
    "flags as 1 and 0": OWN.replace("FALSE\t/\tFALSE", "1\t/\t0"),
    "twice": OWN.replace("mine", "old") + OWN,
    "behind the add-on's mark": "#HttpOnly_" + OWN,
}


@pytest.mark.parametrize("data", FILES.values(), ids=list(FILES))
async def test_files_of_editors_and_add_ons_are_read(
    data: str | bytes, hostile: HostileServer, tmp_path: Path
) -> None:
    assert await sent(data, hostile, tmp_path) == ["id=mine"]


async def test_a_line_without_its_last_tab_is_an_empty_value(
    hostile: HostileServer, tmp_path: Path
) -> None:
    text = HEADING + line("empty", "").replace("\t\n", "\n")
    assert await sent(text, hostile, tmp_path) == ["empty="]


@pytest.mark.parametrize("text", ["", HEADING, "# nothing yet\n\n\n"])
async def test_a_file_without_lines_is_no_error(
    text: str, hostile: HostileServer, tmp_path: Path
) -> None:
    assert await sent(text, hostile, tmp_path) == [""]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"sid=1; theme=dark\n", "Netscape"),
        (b"<!DOCTYPE html><title>Log in</title>", "Netscape"),
        (b'[{"domain": ".site.example", "name": "id"}]', "JSON"),
        (b"SQLite format 3\x00\x10\x00", "--cookies-from-browser"),
        (b"\x80\x81\xfe\xff\x00", "Netscape"),
    ],
)
async def test_what_is_no_cookies_file_is_refused_in_words(
    data: bytes, words: str, tmp_path: Path
) -> None:
    file = tmp_path / "cookies.txt"
    file.write_bytes(data)
    with pytest.raises(UsageError, match=words):
        async with Session(network=Network(cookies=file)):
            pass


def test_hosts_are_those_that_requests_have(tmp_path: Path) -> None:
    file = tmp_path / "cookies.txt"
    hosts = [".Site.Example", "bücher.example", "my_site.example", "::1", "[::1]:8080", "site."]
    file.write_text("".join(line("a", "1", each) for each in hosts))
    assert [(each.host, each.subdomains) for each in read_cookies(file)] == [
        ("site.example", True),
        ("xn--bcher-kva.example", False),
        ("my_site.example", False),
        ("::1", False),
        ("::1", False),
        ("site", False),
    ]


def test_flags_in_small_letters_count(tmp_path: Path) -> None:
    file = tmp_path / "cookies.txt"
    file.write_text("site.example\ttrue\t/\ttrue\t0\ta\t1\n")
    expected = SavedCookie("a", "1", "site.example", subdomains=True, secure=True)
    assert read_cookies(file) == [expected]


def test_ytdlp_gets_the_same_cookies(tmp_path: Path) -> None:
    file = tmp_path / "cookies.txt"
    file.write_text("\ufeffnonsense\n" + line("a", "1") + line("q", '"x y"', ".site.example"))
    with Downloader({"cookiefile": str(file)}) as downloader:
        kept = [(each.name, each.value, each.domain) for each in downloader.cookiejar]
    assert sorted(kept) == [("a", "1", "127.0.0.1"), ("q", '"x y"', ".site.example")]
    assert file.read_text().startswith("\ufeffnonsense")
