"""URLs as browsers read them."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelin import Page
from reelin.model.urls import ascii_host, clean, from_person, join, origin, without_userinfo

PAGE = "https://example.com/a/b/page.html?q=1"


@pytest.mark.parametrize(
    ("href", "url"),
    [
        ("c.jpg", "https://example.com/a/b/c.jpg"),
        ("./c.jpg", "https://example.com/a/b/c.jpg"),
        ("../c.jpg", "https://example.com/a/c.jpg"),
        ("d/../c.jpg", "https://example.com/a/b/c.jpg"),
        ("/c.jpg", "https://example.com/c.jpg"),
        ("//cdn.example/c.jpg", "https://cdn.example/c.jpg"),
        ("?x=2", "https://example.com/a/b/page.html?x=2"),
        ("http://Other.Example:80/C.jpg", "http://other.example/C.jpg"),
        ("HTTPS://example.com:443", "https://example.com/"),
        (" \n c\t.jpg ", "https://example.com/a/b/c.jpg"),
        ("c d.jpg", "https://example.com/a/b/c%20d.jpg"),
        ("c%20d.jpg", "https://example.com/a/b/c%20d.jpg"),
        ("é.jpg", "https://example.com/a/b/%C3%A9.jpg"),
        ("https://bücher.example/x", "https://xn--bcher-kva.example/x"),
        ("\\img\\c.jpg", "https://example.com/img/c.jpg"),
        ("c.jpg#frag", "https://example.com/a/b/c.jpg"),
        ("a,b;c=1.jpg", "https://example.com/a/b/a,b;c=1.jpg"),
        ("https://u:p@example.com/x", "https://u:p@example.com/x"),
        ("http:c.jpg", "http://c.jpg/"),
        ("https:c.jpg", "https://example.com/a/b/c.jpg"),
        ("https:///cdn.example\\c.jpg", "https://cdn.example/c.jpg"),
        ("%2e%2E/c.jpg", "https://example.com/a/c.jpg"),
        ("d/.%2e/c.jpg", "https://example.com/a/b/c.jpg"),
        ("/x//y/..//c.jpg", "https://example.com/x///c.jpg"),
        ("c.jpg?d/../e", "https://example.com/a/b/c.jpg?d/../e"),
        ("c{1}|^.jpg?{|}^'", "https://example.com/a/b/c%7B1%7D|%5E.jpg?{|}^%27"),
        ("c.jpg?\ud800", "https://example.com/a/b/c.jpg?%EF%BF%BD"),
        ("//127.1/c.jpg", "https://127.0.0.1/c.jpg"),
        ("//[2001:DB8:0::1]:443/", "https://[2001:db8::1]/"),
    ],
)
def test_joining(href: str, url: str) -> None:
    assert join(PAGE, href) == url


@pytest.mark.parametrize(
    "href",
    [
        "",
        "#top",
        "javascript:void(0)",
        "data:image/png;base64,AAAA",
        "mailto:a@b",
        "blob:https://x/1",
        "ftp://x/y",
        "http://",
        "http://[::1",
        "http://x:99999999/",
        "http://a b/",
        "http://a<b/",
        "http://1.2.3.999/",
        "http://[::1%25eth0]/",
        "tel:123",
    ],
)
def test_what_leads_nowhere(href: str) -> None:
    assert join(PAGE, href) is None


@given(st.text())
def test_joining_never_raises_and_is_always_clean(href: str) -> None:
    url = join(PAGE, href)
    if url is not None:
        assert url.isascii() and url.startswith(("http://", "https://"))
        assert not any(mark.isspace() for mark in url)
        assert clean(url) == url
        assert urlsplit(url).hostname


# As they stand in IdnaTestV2 of Unicode and in reports; never the letters that IDNA 2003 took.
HOSTS = {
    "groß.example": "xn--gro-7ka.example",
    "βόλος.example": "xn--nxasmm1c.example",
    "ශ්‍රී.example": "xn--10cl1a0b660p.example",
    "نامه‌ای.example": "xn--mgba3gch31f060k.example",
    "ÖBB.example": "xn--bb-eka.example",
    "o\u0308bb.example": "xn--bb-eka.example",
    "ⅷ.example": "viii.example",
    "a\u00adb.example": "ab.example",
    "a｡b．example": "a.b.example",
    "☕🍩.example": "xn--53h8389n.example",
    "%62%C3%BC.example": "xn--b-eha.example",
    "under_score.Example.": "under_score.example.",
    "-a-.example": "-a-.example",
    "xn--gro-7ka.example": "xn--gro-7ka.example",
    "１２７.0x1": "127.0.0.1",
}


@pytest.mark.parametrize("host", HOSTS)
def test_hosts_are_those_that_browsers_ask(host: str) -> None:
    asked = HOSTS[host]
    assert clean(f"http://{host}/a") == f"http://{asked}/a"
    assert join(PAGE, f"//{host}/a") == f"https://{asked}/a"
    assert ascii_host(host) == asked
    assert from_person(f"http://{host}") == f"http://{asked}/"


SIMPLE = st.text("a0.%2eE/?:@&x-n_", max_size=14)


@given(SIMPLE, st.sampled_from(["", "/", "//", "http://", "https://a.example/"]))
def test_what_is_known_to_be_clean_is_what_reading_it_gives(rest: str, start: str) -> None:
    url = join(PAGE, start + rest)
    # A leading blank is of no meaning, and keeps quick ways out.
    assert url == join(PAGE, " " + start + rest)
    if url is not None:
        assert clean(url) == url == clean(" " + url)


@pytest.mark.parametrize(
    ("charset", "href", "path"),
    [
        ("windows-1251", "/Да?q=Да&r=%D0%94", "/%D0%94%D0%B0?q=%C4%E0&r=%D0%94"),
        ("koi8-u", "a?є", "/a?%A4"),
        ("shift_jis", "a?q=ソ", "/a?q=%83\\"),  # its second byte is a letter, and stays one
        ("euc-kr", "a?한", "/a?%C7%D1"),
        ("big5", "a?許|", "/a?%B3\\|"),
        ("gb2312", "a?“音乐”", "/a?%A1%B0%D2%F4%C0%D6%A1%B1"),
        ("iso-8859-1", "a?€", "/a?%80"),
        ("iso-2022-jp", "a?#あ", "/a?"),
        ("iso-2022-jp", "a?あ", "/a?%1B$B$%22%1B(B"),
        ("utf-16", "a?é", "/a?%C3%A9"),
        ("utf-8", "a?é", "/a?%C3%A9"),
    ],
)
def test_queries_are_in_the_bytes_of_the_page(charset: str, href: str, path: str) -> None:
    page = Page("http://x.example/", b"<p>", {"content-type": f"text/html; charset={charset}"})
    assert page.absolute(href) == f"http://x.example{path}"


def test_what_the_charset_of_a_page_lacks_is_sent_by_its_number() -> None:
    assert join(PAGE, "/?żó", "cp1252") == "https://example.com/?%26%23380%3B%F3"
    assert join(PAGE, "//bücher.example/?ü", "cp1252") == "https://xn--bcher-kva.example/?%FC"


@given(st.text(), st.sampled_from(["cp1251", "shift_jis", "gb18030", "iso2022_jp", "big5"]))
def test_no_charset_makes_a_link_unclean(query: str, encoding: str) -> None:
    url = join(PAGE, f"a?{query}", encoding)
    assert url is not None and url.isascii() and clean(url) == url


@pytest.mark.parametrize(
    ("url", "same"),
    [
        ("http://x/a", "http://x:80"),
        ("https://x/a?b", "https://x:443"),
        ("http://u:p@X:8080/", "http://x:8080"),
        ("http://[::1]:81/x", "http://::1:81"),
    ],
)
def test_origins(url: str, same: str) -> None:
    assert origin(url) == same


def test_userinfo_is_taken_away() -> None:
    assert without_userinfo("http://u:p@x:1/a@b") == "http://x:1/a@b"
    assert without_userinfo("http://x/a") == "http://x/a"


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("example.com/a", "https://example.com/a"),
        ("localhost:8000/x", "http://localhost:8000/x"),
        ("127.0.0.1:8000", "http://127.0.0.1:8000/"),
        (" http://X/ ", "http://x/"),
        ("ftp://x", None),
        ("hello", None),
        ("", None),
        ("mailto:a@b.c", None),
        ("my album", None),
        ("bücher.example", "https://xn--bcher-kva.example/"),
        ("日本語。jp/x", "https://xn--wgv71a119e.jp/x"),
        ("12345", None),
        ("1.5", "https://1.0.0.5/"),
        ("192.168.1.1:443/x", "http://192.168.1.1:443/x"),
        ("[::1]:8000", "http://[::1]:8000/"),
        ("[::1", None),
        ("https://[::1", None),
        ("feed://cast.example/rss", "https://cast.example/rss"),
        ("feed:https://cast.example/rss", "https://cast.example/rss"),
        ("FEED:http://cast.example/rss", "http://cast.example/rss"),
        ("itpc://cast.example/rss?x=1", "https://cast.example/rss?x=1"),
        ("pcast://127.0.0.1:8000/rss", "http://127.0.0.1:8000/rss"),
        ("podcast:8000/x", None),
        ("feed:", None),
    ],
)
def test_what_a_person_means(text: str, url: str | None) -> None:
    assert from_person(text) == url


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a.mp3;jsessionid=1A2B", "mp3"),
        ("song.MP3;v=1.2?x=1", "mp3"),
        ("a;b.mp3", "mp3"),
        ("a.mp3;x/page", ""),
        (";x.mp3", "mp3"),
        ("page;v=2", ""),
    ],
)
def test_parameters_do_not_hide_an_extension(path: str, expected: str) -> None:
    from reelin.model.media_types import extension

    assert extension(f"http://x.example/d/{path}") == expected
