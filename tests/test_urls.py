"""URLs as browsers read them."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelin.model.urls import clean, from_person, join, origin, without_userinfo

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
    ],
)
def test_what_a_person_means(text: str, url: str | None) -> None:
    assert from_person(text) == url
