"""Folders as nginx, Apache, Caddy and others list them."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelin import Link, MediaItem, Page
from reelin.extractors.indexes import Indexes, reelin_extractors
from reelin.testing import check

HERE = "https://files.example/a%20b/music/"
NGINX = """<html><head><title>Index of /a b/music/</title></head><body><h1>Index of /a b/music/</h1><hr><pre><a href="../">../</a>
<a href="live/">live/</a>                                              12-Jan-2024 10:11                   -
<a href="one%20two.mp3">one two.mp3</a>                                        12-Jan-2024 10:11             1234567
<a href="data.bin">data.bin</a>                                           13-Feb-2024 00:00                  1K
</pre><hr></body></html>"""
APACHE = """<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 3.2 Final//EN"><html><head><title>Index of /a b/music</title></head><body>
<h1>Index of /a b/music</h1><table><tr><th><img src="/icons/blank.gif" alt="[ICO]"></th><th><a href="?C=N;O=D">Name</a></th></tr>
<tr><td><img src="/icons/back.gif"></td><td><a href="/a%20b/">Parent Directory</a></td><td>&nbsp;</td><td>  - </td></tr>
<tr><td></td><td><a href="live/">live/</a></td><td align="right">2024-01-12 10:11  </td><td align="right">  - </td></tr>
<tr><td></td><td><a href="one%20two.mp3">one two.mp3</a></td><td align="right">2024-01-12 10:11  </td><td align="right">1.2M</td></tr>
<tr><td></td><td><a href="data.bin">data.bin</a></td><td align="right">2024-02-13 00:00</td><td align="right"> 12 </td></tr>
</table><address>Apache/2.4</address></body></html>"""
CADDY = """<!DOCTYPE html><html><head><title>/a b/music/</title></head><body><h1><a href="/">/</a><a href="/a%20b/">a b</a></h1>
<a href="./?sort=name&order=desc">Name</a><table><tbody><tr><td></td><td><a href="..">Up</a></td></tr>
<tr class="file"><td></td><td><a href="./live/"><span class="name">live</span></a></td><td>&mdash;</td></tr>
<tr class="file"><td></td><td><a href="./one%20two.mp3"><span class="name">one two.mp3</span></a></td>
<td class="size" data-size="1234567"><div>1.2 MiB</div></td><td><time datetime="2024-01-12T10:11:12Z">01/12/2024</time></td></tr>
<tr class="file"><td></td><td><a href="./data.bin">data.bin</a></td><td data-size="5"></td><td></td></tr></tbody></table></body></html>"""
PYTHON = """<html><head><title>Directory listing for /a b/music/</title></head><body><ul><li><a href="live/">live/</a></li>
<li><a href="one%20two.mp3">one two.mp3</a></li><li><a href="data.bin">data.bin</a></li></ul></body></html>"""


def page(text: str, url: str = HERE) -> Page:
    return Page(url, text.encode(), {"content-type": "text/html"})


def found_on(page: Page, indexes: Indexes | None = None) -> list[MediaItem | Link]:
    return list((indexes or Indexes()).extract(page))


def test_it_keeps_what_every_extractor_promises() -> None:
    (indexes,) = reelin_extractors()
    check(indexes)


@pytest.mark.parametrize("listing", [NGINX, APACHE, CADDY, PYTHON])
def test_files_of_all_types_and_subfolders_on_demand(listing: str) -> None:
    items = [each for each in found_on(page(listing)) if isinstance(each, MediaItem)]
    assert [(item.url, item.type, item.album) for item in items] == [
        (f"{HERE}one%20two.mp3", "audio", "music"),
        (f"{HERE}data.bin", "other", "music"),
    ]
    links = [each for each in found_on(page(listing), Indexes(recurse=True)) if each not in items]
    assert links == [Link(f"{HERE}live/", "subfolder")]


def test_exact_sizes_and_dates() -> None:
    noon = datetime(2024, 1, 12, 10, 11, tzinfo=UTC)
    facts = [
        [(each.size, each.date) for each in found_on(page(text)) if isinstance(each, MediaItem)]
        for text in (NGINX, APACHE, CADDY)
    ]
    assert [each[0] for each in facts] == [(1234567, noon), (None, noon), (1234567, noon)]
    assert [each[1][0] for each in facts] == [None, 12, 5]


@pytest.mark.parametrize(
    "html",
    [
        "<title>Index of names</title><p>An index of everything",
        "<h1>Our files</h1><tr class=file><a href=a.mp3>",
        "<title>Home</title><p>Index of /</p><a href=a.mp3>x</a>",
    ],
)
def test_other_pages(html: str) -> None:
    assert found_on(page(html)) == []


TAGS = [
    "<tr>",
    "<td>",
    "</tr>",
    "<table>",
    "<pre>",
    "<a href=a.mp3>",
    "<a href='b/'>",
    "<a href='//['>",
]
TAGS += [
    "12-Jan-2024 10:11 5",
    "99-Jan-2024 10:11",
    "2024-02-31 10:11",
    "<time datetime=x>",
    "</a>",
    "9" * 50,
]


@given(st.lists(st.one_of(st.sampled_from(TAGS), st.text(max_size=9)), max_size=40))
def test_any_mixture_of_tags_is_read(tags: list[str]) -> None:
    for each in found_on(page("<title>Index of /</title>" + "".join(tags)), Indexes(recurse=True)):
        assert each.url.startswith(HERE)


def test_long_rows_and_deep_tables_take_linear_time() -> None:
    for unit in ("<td><a href={}.mp3>x</a></td>", "<table><tr><td><a href={}.mp3>x</a>"):
        body = "".join(unit.format(number) for number in range(20_000))
        started = time.monotonic()
        found_on(page(f"<title>Index of /</title><table><tr>{body}"))
        assert time.monotonic() - started < 10
