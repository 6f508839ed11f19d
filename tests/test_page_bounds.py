"""How much of a page is read: nothing that is cut is missing without a word."""

from __future__ import annotations

import base64
import gzip
import zlib
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.outcomes import QUICK, fetch
from support.runs import finals
from support.site import Site

from reelin import Found, Session
from reelin.page.inline_data import PageBytes
from reelin.page.listing import lacks_end, listing_in

MIB = 1 << 20
PHP = "<br />\n<b>Notice</b>:  Undefined variable $x in <b>/w/feed.php</b> on line <b>3</b><br />\n"
XDEBUG = "<font size='1'><table class='xdebug-error'><tr><th>Deprecated</th></tr></table></font>"


@pytest.mark.parametrize(
    ("text", "root", "begins"),
    [
        ("<rss version='2.0'>", "rss", "<rss"),
        ("\n\n  <?xml version='1.0'?>\n<rss>", "rss", "<?xml"),
        (
            "\ufeff\ufeff<?xml version='1.0'?><feed xmlns='http://www.w3.org/2005/Atom'>",
            "feed",
            "<?",
        ),
        ("<!-- <html> --><?xml-stylesheet href='x'?><a:feed>", "feed", "<!--"),
        ("<!DOCTYPE rdf:RDF [<!ENTITY % x ''>]><rdf:RDF>", "rdf", "<!DOC"),
        ("<urlset>", "urlset", "<urlset"),
        ("<ns1:sitemapindex>", "sitemapindex", "<ns1"),
        (f"{PHP}<?xml version='1.0'?><rss>", "rss", "<?xml"),
        (f"{PHP}{PHP}<rss version='2.0'>", "rss", "<rss"),
        (f"{XDEBUG}\n<?xml version='1.0'?><urlset>", "urlset", "<?xml"),
        ("Warning: mysql_connect() in db.php\n<?xml version='1.0'?><rss>", "rss", "<?xml"),
        ("<div id='error'>WordPress database error</div><feed xmlns='x'>", "feed", "<feed"),
        ("HTTP/1.1 200 OK\n\n<rdf:RDF xmlns='x'>", "rdf", "<rdf"),
    ],
)
def test_feeds_and_sitemaps_are_told_by_their_first_element(
    text: str, root: str, begins: str
) -> None:
    found = listing_in(text)
    assert found is not None
    assert found.root == root
    assert text[found.start :].startswith(begins)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "plain words about <rss>, which is a format",
        "# How to\n\n```xml\n<?xml version='1.0'?>\n<rss version='2.0'>\n```",
        "<html><pre><rss></pre>",
        "<!doctype html><p>an <rss version='2.0'> element",
        "<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'><rss>",
        "<p>a tutorial</p><textarea><?xml version='1.0'?><rss></textarea>",
        "<script>var feed = '<rss version=2.0>'</script>",
        "<svg><feed xmlns='x'/></svg>",
        "<?xml version='1.0'?><playlist><trackList/></playlist>",
        "<feedback xmlns='x'>",
        " " * 20000 + "<rss>",
    ],
)
def test_pages_and_other_documents_are_none(text: str) -> None:
    assert listing_in(text) is None


PIECES = st.lists(
    st.one_of(
        st.sampled_from(
            [
                b"<img src='/p.jpg'>",
                b"<p>data: is plural, base64, x</p>",
                b'"data:image\\/gif;base64,AA\\/',
                b"url(data:font/woff2;charset=utf-8;base64,",
                b"<img src=data:image/png;base64,",
                b"data:image/svg+xml,%3Csvg%20/%3E",
                b"data:",
                b"A" * 700,
                b"\r\n  " + b"Zm9v" * 19,
                b"' alt='x'>",
            ]
        ),
        st.binary(max_size=40),
    ),
    max_size=40,
)


@given(PIECES, st.integers(0, 6000))
def test_a_page_within_its_bound_has_all_its_bytes(pieces: Sequence[bytes], more: int) -> None:
    whole = b"".join(pieces)
    content = PageBytes(len(whole) + more)
    assert all(content.add(each) for each in pieces)
    assert content.content() == whole


@given(st.binary(min_size=1, max_size=4000), st.integers(0, 2000))
def test_what_is_cut_is_said_to_be(noise: bytes, too_much: int) -> None:
    most = 3000
    body = b"<>" * (most // 2) + b"<" * (1 + too_much)
    content = PageBytes(most)
    fits = [content.add(body[at : at + len(noise)]) for at in range(0, len(body), len(noise))]
    assert fits[-1] is False
    assert content.content() == body[:most]


PICTURE = base64.b64encode(bytes(range(256)) * 400)
FOLDED = b"\r\n".join(PICTURE[at : at + 76] for at in range(0, len(PICTURE), 76))


@pytest.mark.parametrize("step", [977, 65536, 10**9])
@pytest.mark.parametrize(
    ("head", "payload", "rest"),
    [
        (b'<img src="data:image/png;base64,', PICTURE, b'" alt="a b">'),
        (b"<img src=DATA:image/jpeg;charset=x;base64,", PICTURE, b" alt=x>"),
        (b"<img src='data:image/png;base64,", FOLDED, b"'>"),
        (b'{"poster":"data:image\\/png;base64,', PICTURE.replace(b"/", b"\\/"), b'","a":1}'),
        (b'"{\\"icon\\":\\"data:image/png;base64,', PICTURE, b'\\"}"'),
        (b"<style>@font-face{src:url(data:font/woff2;base64,", PICTURE, b")}</style>"),
        (b'<img src="data:image/svg+xml,', b"%3Csvg%20" * 9000, b'">'),
    ],
)
def test_beyond_the_bound_inline_pictures_do_not_count(
    head: bytes, payload: bytes, rest: bytes, step: int
) -> None:
    shown = b"<p>text</p><img src='/photo.jpg'>"
    body = (head + payload + rest + shown) * 30
    content = PageBytes(len(body) // 3)
    assert all(content.add(body[at : at + step]) for at in range(0, len(body), step))
    short = content.content()
    assert len(short) < len(body) // 3
    kept = (head + rest + shown) * 30
    # What came last may not have been looked at any more.
    assert short[: len(kept) // 2] == kept[: len(kept) // 2]
    assert short.endswith(rest + shown)
    assert short.count(rest + shown) == 30


# Served


def sitemap(site: Site, names: str, before: str = "") -> bytes:
    entries = (f"<url><image><loc>{site.origin}/{each}.jpg</loc></image></url>" for each in names)
    return f"{before}<urlset>{''.join(entries)}</urlset>".encode()


async def found_at(url: str) -> tuple[list[str], list[str]]:
    """The names of what is found behind a URL, and what is said to be missing."""
    async with Session() as session, session.run(url, sink=None) as run:
        names = [
            event.item.url.rpartition("/")[2] async for event in run if isinstance(event, Found)
        ]
    return names, [each.error for each in run.report.failures]


@pytest.mark.parametrize("path", ["/sitemap.xml.gz", "/sitemap.php?part=1"])
@pytest.mark.parametrize(
    "mime", ["application/gzip", "application/x-gzip", "binary/octet-stream", "text/plain", ""]
)
async def test_compressed_sitemaps_are_read_whatever_they_are_sent_as(
    site: Site, path: str, mime: str
) -> None:
    two = gzip.compress(sitemap(site, "ab", before="\n")) + b"\0" * 100
    url = site.add(path, two, mime)
    index = (
        f"<sitemapindex><sitemap><loc>{url.replace('&', '&amp;')}</loc></sitemap></sitemapindex>"
    )
    assert await found_at(site.add("/sitemap.xml", index, "text/xml")) == (["a.jpg", "b.jpg"], [])
    assert await found_at(url) == (["a.jpg", "b.jpg"], [])


async def test_members_and_feeds_in_gzip(site: Site) -> None:
    text = sitemap(site, "abc")
    members = gzip.compress(text[:100]) + gzip.compress(text[100:])
    assert await found_at(site.add("/s.gz", members, "application/gzip")) == (
        ["a.jpg", "b.jpg", "c.jpg"],
        [],
    )
    feed = b"<rss><channel><item><enclosure url='/1.mp3'/></item></channel></rss>"
    packed = site.add("/feed.xml.gz", gzip.compress(feed), "application/gzip")
    site.files["/feed.xml.gz"].headers["Content-Encoding"] = "gzip"
    assert await found_at(packed) == (["1.mp3"], [])


async def test_what_is_broken_in_gzip_is_a_failure(site: Site) -> None:
    packed = gzip.compress(sitemap(site, "ab" * 30_000))
    for name, body in (
        ("cut", packed[: len(packed) // 2]),
        ("checksum", packed[:-8] + b"\0" * 8),
        ("noise", packed[:2000] + b"\xff" * 2000),
    ):
        url = site.add(f"/{name}.xml.gz", body, "application/gzip")
        async with Session(network=QUICK) as session, session.run(url, sink=None) as run:
            report = await run.finish()
        assert not report.ok, name
        assert "gzip" in report.failures[0].error


async def test_any_other_gzip_is_a_file(site: Site, tmp_path: Path) -> None:
    for number, plain in enumerate((b"a,b\n1,2\n" * 3000, b"<html><p>a page", b"")):
        body = gzip.compress(plain)
        url = site.add(f"/{number}.csv.gz", body, "application/gzip")
        assert (await fetch(url, tmp_path / str(number)))[0].ok
        assert list(finals(tmp_path / str(number)).values()) == [body]


async def test_long_feeds_and_sitemaps_are_read_to_the_end(site: Site) -> None:
    notes = f"<description>{'words and more words ' * 60}</description>"
    posts = "".join(f"<item>{notes}<enclosure url='/{n}.mp3'/></item>" for n in range(9000))
    feed = f"<rss><channel>{posts}</channel></rss>"
    assert len(feed) > 11 * MIB
    names, missing = await found_at(site.add("/feed", feed, "application/rss+xml"))
    assert (len(set(names)), missing) == (9000, [])


async def test_what_is_larger_than_its_bound_is_told(site: Site) -> None:
    shown = "<img src='/a.jpg' width=600 height=400><p>"
    page = shown + "words and more words " * (11 * MIB // 20) + "<img src='/b.jpg'>"
    names, missing = await found_at(site.add("/page", page))
    assert names == ["a.jpg"]
    assert len(missing) == 1
    assert f"{site.origin}/page: larger than 10 MiB" in missing[0]


POST = "<item><enclosure url='/{}.mp3'/></item>"
RSS_1 = '<rdf:RDF xmlns="http://purl.org/rss/1.0/"><channel><title>x</title></channel>'
ATOM = (
    "<feed xmlns='http://www.w3.org/2005/Atom'><entry><link rel='enclosure' href='/1.mp3'/></entry>"
)
MAP = "<urlset><url><image><loc>/a.jpg</loc></image></url>"


@pytest.mark.parametrize(
    ("text", "end"),
    [
        (f"<rss><channel>{POST.format(1)}", "</channel></rss>"),
        (f"<rss><channel>{POST.format(1)}", "</channel>"),
        (
            f"<?xml version='1.0'?>\n<rss><channel>{POST.format(1)}",
            "</channel></rss><!-- cached -->",
        ),
        (f"<rss><channel>{POST.format(1)}", "</channel></rss>" + "\n<p>debug" * 9000),
        (RSS_1 + "<item/>", "</rdf:RDF>"),
        (ATOM, "</feed>"),
        (f"<a:feed xmlns:a='http://www.w3.org/2005/Atom'>{ATOM[44:]}", "</a:feed >"),
        (MAP, "</urlset>"),
        (f"<b>Warning</b>: mysql <br>{MAP}", "</urlset>"),
        ("<sitemapindex><sitemap><loc>/x", "</loc></sitemap></sitemapindex>"),
    ],
)
def test_a_listing_without_its_end_is_told_from_a_whole_one(text: str, end: str) -> None:
    assert not lacks_end((text + end).encode())
    assert not lacks_end(b"\xef\xbb\xbf" + (text + end).encode())
    assert lacks_end(text.encode()) and lacks_end(text[:-3].encode())


@pytest.mark.parametrize("text", ["<urlset/>", "<sitemapindex xmlns='x' />", "<html><p>", "", "{}"])
def test_what_needs_no_end(text: str) -> None:
    assert not lacks_end(text.encode())


async def test_a_listing_that_ends_in_the_middle_is_told(site: Site) -> None:
    """Its items are taken; nobody knows how many are missing."""
    feed = f"<rss><channel>{POST.format(1)}{POST.format(2)}"
    names, missing = await found_at(site.add("/feed", feed[:-20], "application/rss+xml"))
    assert names == ["1.mp3"] and len(missing) == 1
    assert f"{site.origin}/feed: it ends in the middle" in missing[0]


async def test_a_page_that_is_nothing_is_told(site: Site) -> None:
    whole = site.add("/whole.xml", MAP + "</urlset>", "application/xml")
    empty = site.add("/empty.xml", b"", "application/xml")
    maps = "".join(f"<sitemap><loc>{each}</loc></sitemap>" for each in (empty, whole))
    index = site.add("/index.xml", f"<sitemapindex>{maps}</sitemapindex>", "application/xml")
    names, missing = await found_at(index)
    assert (names, missing) == (["a.jpg"], [f"{empty}: the answer is empty"])


async def test_what_unpacks_to_more_than_the_bound_is_told(site: Site) -> None:
    entry = f"<url><image><loc>{site.origin}/a.jpg</loc></image></url>"
    packer = zlib.compressobj(wbits=31)
    body = packer.compress(f"<urlset>{entry}".encode())
    for _ in range(60):
        body += packer.compress(b" " * MIB)
    body += packer.flush()
    assert len(body) < MIB
    names, missing = await found_at(site.add("/sitemap.xml.gz", body, "application/gzip"))
    assert names == ["a.jpg"]
    assert "larger than 50 MiB" in missing[0]


async def test_a_page_of_inline_pictures_is_read_to_the_end(site: Site) -> None:
    picture = f"<img src='data:image/jpeg;base64,{PICTURE.decode()}'>"
    page = f"<h1>Saved</h1>{picture * 100}<audio src='/last.mp3'></audio>"
    assert len(page) > 12 * MIB
    assert await found_at(site.add("/page", page)) == (["last.mp3"], [])


async def test_a_text_that_is_a_file_is_whole_however_long(site: Site, tmp_path: Path) -> None:
    body = b"2026-11-28 a line of a log\n" * (11 * MIB // 25)
    url = site.add("/server.log", body, "text/plain")
    assert (await fetch(url, tmp_path))[0].ok
    assert list(finals(tmp_path).values()) == [body]
