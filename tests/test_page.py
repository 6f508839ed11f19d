"""Pages as browsers decode and parse them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelin import FetchError, Page, UsageError

WORD = {
    "windows-1251": "Привет, мир",
    "shift_jis": "こんにちは世界",
    "gbk": "你好，世界",
    "euc-kr": "안녕하세요",
    "windows-1250": "Příliš žluťoučký",
    "iso-8859-1": "“quoted” – dash",
    "big5": "繁體中文",
    "utf-8": "déjà vu",
}
CODEC = {"iso-8859-1": "cp1252"}


def page(body: bytes, content_type: str = "text/html", url: str = "http://x.example/a/") -> Page:
    return Page(url, body, {"content-type": content_type})


@pytest.mark.parametrize("charset", WORD)
@pytest.mark.parametrize("where", ["header", "meta", "http-equiv"])
def test_every_declared_encoding(charset: str, where: str) -> None:
    meta = {
        "header": "",
        "meta": f'<meta charset="{charset}">',
        "http-equiv": f'<meta http-equiv="Content-Type" content="text/html; charset={charset}">',
    }[where]
    body = f"<html><head>{meta}<title>{WORD[charset]}</title>".encode(CODEC.get(charset, charset))
    header = f"text/html; charset={charset}" if where == "header" else "text/html"
    assert page(body, header).title == WORD[charset]


def test_a_bom_beats_the_header_and_the_header_beats_the_meta() -> None:
    assert page("\ufeffé".encode(), "text/html; charset=latin-1").text == "é"
    assert page("é".encode("utf-16"), "text/html").text == "é"
    both = '<meta charset="shift_jis"><title>Привет</title>'.encode("cp1251")
    assert page(both, "text/html; charset=windows-1251").title == "Привет"


@pytest.mark.parametrize(
    "label", ["nonsense", "hex", "rot13", "idna", "undefined", "utf-7", "utf-16", "utf-32", ""]
)
def test_a_label_that_is_no_encoding_is_ignored(label: str) -> None:
    assert page(f'<meta charset="{label}"><title>é</title>'.encode()).title == "é"


@pytest.mark.parametrize(
    ("label", "codec"),
    [("x-gbk", "gbk"), ("X-CP1251", "cp1251"), ("utf-16", "utf-16-le"), ("latin5", "cp1254")],
)
def test_labels_mean_what_they_mean_to_browsers(label: str, codec: str) -> None:
    text = {"gbk": "你好", "cp1254": "ı€"}.get(codec, "мир")
    body = f"<title>{text}</title>".encode(codec)
    assert page(body, f"text/html; charset={label}").title == text


@pytest.mark.parametrize("before", [0, 3900, 4090, 7500])
def test_a_declaration_may_come_late_but_not_in_a_comment(before: int) -> None:
    head = '<!-- <meta charset="shift_jis"> -->' + " " * before + '<meta charset="windows-1251">'
    assert page(f"{head}<title>Привет</title>".encode("cp1251")).title == "Привет"


def test_an_xml_declaration_counts_and_a_cut_character_does_not() -> None:
    xml = '<?xml version="1.0" encoding="windows-1251"?><a>Привет</a>'
    assert "Привет" in page(xml.encode("cp1251"), "text/xml").text
    assert page("<title>é</title>…".encode()[:-1]).title == "é"


def test_the_base_element_counts() -> None:
    body = b'<base href="/img/"><base href="/no/"><a href="x.jpg">'
    assert page(body).urls("a", "href") == ["http://x.example/img/x.jpg"]


def test_urls_are_absolute_unique_and_in_order() -> None:
    body = b'<a href=2.jpg><a href=1.jpg><a href="2.jpg#x"><a href="javascript:x()"><a href="">'
    assert page(body).urls("a", "href") == ["http://x.example/a/2.jpg", "http://x.example/a/1.jpg"]


def test_credentials_do_not_travel_into_relative_urls() -> None:
    there = page(b'<a href="b.jpg">', url="http://me:secret@x.example/a/")
    assert there.urls("a", "href") == ["http://x.example/a/b.jpg"]


def test_selectors() -> None:
    there = page(b"<a href=1><img></a><a href=2>x</a><p class='big red'>t</p>")
    assert there.urls("a:has(> img)", "href") == ["http://x.example/a/1"]
    assert [each.text for each in there.select("p.red")] == ["t"]
    with pytest.raises(UsageError, match="CSS"):
        there.select("a[[")


def test_scripts_are_numbered_and_empty_ones_left_out() -> None:
    there = page(
        b"<script src=a.js></script><script>one</script><script type=application/json id=d>{}</script>"
    )
    assert [(each.number, each.text, each.type, each.id) for each in there.scripts] == [
        (2, "one", "", ""),
        (3, "{}", "application/json", "d"),
    ]


def test_the_soup_is_the_same_document() -> None:
    there = page("<title>é</title><p>x".encode())
    assert there.soup.title is not None and there.soup.title.text == there.title == "é"


@pytest.mark.parametrize("body", [b"", b" \n ", b"\0", b"<", b"<!-- x", b"just text", b"\xff\xfe"])
def test_hardly_any_page_is_a_page(body: bytes) -> None:
    there = page(body)
    assert there.urls("a", "href") == []
    assert there.scripts == ()


def test_deep_nesting_hides_nothing() -> None:
    body = b"<div>" * 5000 + b"<a href=deep.jpg>" + b"</div>" * 5000
    assert page(body).urls("a", "href") == ["http://x.example/a/deep.jpg"]


PIECES = [
    *(
        f"<{tag}>"
        for tag in ("div", "b", "p", "table", "td", "svg", "x:y", "1", "é", "body", "html")
    ),
    *("</div>", "</b>", "</p>", "</x>", '<a<b c"d=1 =2 \x01=4 a:b=5>', "<a b='\x03&#4;'>"),
    *("&#1;", "&#xfffe;", "&#xd800;", "\0", "\x02", "<!--", "-->", "<script>", "</script>", "]]>"),
]


@given(st.lists(st.sampled_from(PIECES), max_size=50), st.integers(0, 3))
def test_nothing_is_too_odd_to_be_nested_deep(pieces: list[str], nth: int) -> None:
    """Beyond its limit of depth libxml2 leaves the building of the tree to us."""
    odd = "".join(pieces)
    deep = PIECES[nth] * 400
    there = page((odd + deep + odd + "<a href=last.jpg>").encode())
    assert [each.tag for each in there.tree.iter()]


@given(st.binary(max_size=300))
def test_any_bytes_are_a_page(body: bytes) -> None:
    there = page(b"<html>" + body)
    assert isinstance(there.text, str)
    there.urls("a", "href")


async def test_a_page_alone_fetches_nothing() -> None:
    with pytest.raises(FetchError):
        await page(b"").get("http://x.example/")
    with pytest.raises(FetchError, match="no link"):
        await page(b"").follow("mailto:x")
