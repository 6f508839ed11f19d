"""What of a page's URL the servers of its files and links are told (W3C Referrer Policy)."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.hostile import HostileServer, answer
from support.outcomes import fetch

from reelin import Extractor, MediaItem, Page
from reelin.model.referrer import read_policy, referer

PAGE = "https://u:p@a.example/x?y#z"
WHOLE, START = "https://a.example/x?y", "https://a.example/"
SAME, OTHER, PLAIN = "https://a.example/f", "https://b.example/f", "http://b.example/f"


@pytest.mark.parametrize(
    ("policy", "same", "other", "plain"),
    [
        ("", WHOLE, START, None),
        ("strict-origin-when-cross-origin", WHOLE, START, None),
        ("no-referrer", None, None, None),
        ("no-referrer-when-downgrade", WHOLE, WHOLE, None),
        ("origin", START, START, START),
        ("origin-when-cross-origin", WHOLE, START, START),
        ("same-origin", WHOLE, None, None),
        ("strict-origin", START, START, None),
        ("unsafe-url", WHOLE, WHOLE, WHOLE),
    ],
)
def test_policies(policy: str, same: str | None, other: str | None, plain: str | None) -> None:
    assert [referer(PAGE, each, policy) for each in (SAME, OTHER, PLAIN)] == [same, other, plain]


def test_of_a_long_url_only_the_origin_is_told() -> None:
    assert referer(START + "a" * 5000, SAME, "unsafe-url") == START


@pytest.mark.parametrize(
    ("text", "policy"),
    [
        (None, ""),
        ("nonsense", ""),
        (" Origin ", "origin"),
        ("no-referrer, strict-origin", "strict-origin"),
        ("same-origin, from-the-future", "same-origin"),
        ("Always", "unsafe-url"),
        ("default", "strict-origin-when-cross-origin"),
        ("origin-when-crossorigin", "origin-when-cross-origin"),
    ],
)
def test_what_is_said(text: str | None, policy: str) -> None:
    assert read_policy(text) == policy


@pytest.mark.parametrize(
    ("html", "policy"),
    [
        ("<p>", "origin"),
        ("<meta name=Referrer content=ORIGIN><meta name=referrer content=never>", "no-referrer"),
        ("<meta name=referrer content=odd>", "origin"),
        ("<img referrerpolicy=unsafe-url src=/f>", "unsafe-url"),
        ("<img REFERRERPOLICY=UNSAFE-URL data-original=/f>", "unsafe-url"),
        ("<img referrerpolicy=no-referrer srcset='/e 1x, /f 2x'>", "no-referrer"),
        ("<picture><source srcset=/f><img referrerpolicy=never src=/e></picture>", "no-referrer"),
        ("<img referrerpolicy=no-referrer src=/other>", "origin"),
        ("<a rel='nofollow NoReferrer' href=//a.example/f>", "no-referrer"),
        ("<a rel=noreferrer referrerpolicy=unsafe-url href=/f>", "no-referrer"),
        ("<a rel=noopener href=/f>", "origin"),
        ("<iframe referrerpolicy=unsafe-url src=/f>", "unsafe-url"),
        ("<base href=//a.example/d/><a referrerpolicy=unsafe-url href=../f>", "unsafe-url"),
        ("<img referrerpolicy='' src=/f>", "origin"),
    ],
)
def test_elements_come_before_the_page_and_that_before_its_header(html: str, policy: str) -> None:
    headers = {"content-type": "text/html", "referrer-policy": "origin"}
    page = Page("https://a.example/x", html.encode(), headers)
    assert page.referrer_policy_for(SAME) == policy


MP3 = answer(200, b"ID3 data", content_type="audio/mpeg")


def _serve(server: HostileServer, html: str, **headers: str) -> str:
    return server.on("/page", answer(200, html.encode(), content_type="text/html", **headers))


async def test_further_pages_streams_and_redirects_know_it(
    hostile: HostileServer, tmp_path: Path
) -> None:
    class Plugin(Extractor):
        name = "plugin"

        async def extract(self, page: Page):
            await page.get(hostile.origin + "/second")
            yield MediaItem("/moved.mp3")
            yield MediaItem("/list.m3u8", "video")

    url = _serve(hostile, "<p>", Referrer_Policy="origin")
    hostile.on("/second", answer(200, b"<p>", content_type="text/html"))
    moved = answer(302, Location="/a.mp3", Referrer_Policy="no-referrer")
    hostile.on("/moved.mp3", moved)
    hostile.on("/a.mp3", MP3)
    await fetch(url, tmp_path, extractors=[Plugin()])
    told = {each.path: each.headers.get("referer") for each in hostile.requests}
    start = hostile.origin + "/"
    expected = {"/page": None, "/second": start, "/moved.mp3": start, "/a.mp3": None}
    assert told == {**expected, "/list.m3u8": start}


async def test_pages_behind_a_link_and_an_image_in_a_link(
    hostile: HostileServer, tmp_path: Path
) -> None:
    html = '<a rel="noreferrer" href="/large.jpg"><img src="/small.jpg" width=200></a>'
    hostile.on("/large.jpg", answer(200, b"\xff\xd8\xff\xe0 jpeg", content_type="image/jpeg"))
    report, _ = await fetch(_serve(hostile, html), tmp_path)
    assert report.ok
    assert "referer" not in hostile.asked("/large.jpg")[0].headers
