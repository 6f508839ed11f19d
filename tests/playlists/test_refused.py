"""Playlists that are refused: where going on would mean wrong bytes, or no end."""

from __future__ import annotations

import pytest
from support.playlists import STREAM, URL, refusal

from reelin import m3u8
from reelin.media.m3u8 import M3U8Error


@pytest.mark.parametrize(
    ("tags", "says"),
    [
        ("#EXTINF:1,\nfile:///etc/passwd", "line 4: the segment 'file:///etc/passwd'"),
        ("#EXTINF:1,\njavascript:alert(1)", "line 4: the segment 'javascript:alert(1)'"),
        ("#EXTINF:1,\ndata:,abc", "line 4: the segment"),
        ("#EXTINF:1,\nC:\\video\\a.ts", "line 4: the segment"),
        ("#EXT-X-BYTERANGE:x\n#EXTINF:1,\na.ts", "line 5: 'x' is not a byte range"),
        ("#EXT-X-BYTERANGE:\n#EXTINF:1,\na.ts", "'' is not a byte range"),
        ("#EXT-X-BYTERANGE:0@5\n#EXTINF:1,\na.ts", "not a byte range"),
        ("#EXT-X-BYTERANGE:" + "1" * 5000 + "\n#EXTINF:1,\na.ts", "not a byte range"),
        ("#EXT-X-KEY:METHOD=AES-128", "line 3: an AES-128 key without URI"),
        ('#EXT-X-KEY:URI="k"', "does not say its METHOD"),
        ('#EXT-X-KEY:METHOD=AES-128,URI="file:///k"', "address file:///k is not http"),
        ('#EXT-X-KEY:METHOD=AES-128,URI="data:,short"', "does not hold a key of 16 bytes"),
        ('#EXT-X-KEY:METHOD=AES-128,URI="k",IV=0x' + "1" * 33, "128 bits"),
        ('#EXT-X-KEY:METHOD=AES-128,URI="k",IV=secret', "IV=secret is not"),
        ('#EXT-X-MAP:BYTERANGE="1@0"', "EXT-X-MAP has no"),
        ('#EXT-X-MAP:URI="data:,x"', "EXT-X-MAP has no"),
        ('#EXT-X-MAP:URI="i.mp4",BYTERANGE="x"', "not a byte range"),
    ],
)
def test_what_would_mean_wrong_bytes(tags: str, says: str) -> None:
    assert says in refusal("#EXTM3U\n#EXT-X-TARGETDURATION:1\n" + tags + "\n")


@pytest.mark.parametrize(
    "tag",
    [
        "#EXT-X-MEDIA-SEQUENCE:-1\n",
        "#EXT-X-MEDIA-SEQUENCE:x\n",
        "#EXTINF:1,\n0.ts\n#EXT-X-MEDIA-SEQUENCE:7\n",
    ],
)
def test_numbers_in_doubt_are_no_iv(tag: str) -> None:
    head = "#EXTM3U\n#EXT-X-TARGETDURATION:1\n" + tag
    assert m3u8.parse(head + "#EXTINF:1,\na.ts\n", URL)
    key = '#EXT-X-KEY:METHOD=AES-128,URI="k"{}\n#EXTINF:1,\na.ts\n'
    assert m3u8.parse(head + key.format(",IV=0x1"), URL)
    assert "EXT-X-MEDIA-SEQUENCE" in refusal(head + key.format(""))


@pytest.mark.parametrize(
    "text",
    [
        "<html><body>Please log in</body></html>",
        "\n <!doctype html>\n<pre>\n#EXTM3U\n</pre>",
        '{"error": "gone"}',
        "a.ts\nb.ts\n",
        "G@\x00\x11",
    ],
)
def test_what_is_no_playlist(text: str) -> None:
    assert "is not a playlist" in refusal(text)
    assert not m3u8.is_playlist(text)


def test_both_kinds_in_one() -> None:
    assert "both variants and segments" in refusal("#EXTM3U\n" + STREAM + "#EXTINF:1,\na.ts\n")


def test_variants_none_of_which_can_be_had() -> None:
    text = "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nrtmp://x.example/a\n"
    assert "none of its variants" in refusal(text)


def test_limits() -> None:
    assert "200 variants" in refusal("#EXTM3U\n" + STREAM * 201)
    assert "4 MB" in refusal("#EXTM3U\n" + " " * m3u8.MAX_LENGTH)
    assert "200000 segments" in refusal("#EXTM3U\n#EXT-X-TARGETDURATION:1\n" + "a\n" * 200_001)
    formats = "".join(f'#EXT-X-KEY:METHOD=S,URI="a",KEYFORMAT="{n}"\n' for n in range(17))
    assert "key formats" in refusal("#EXTM3U\n" + formats)


@pytest.mark.parametrize("url", ["", "list.m3u8", "file:///list.m3u8", "http://["])
def test_a_playlist_needs_an_address(url: str) -> None:
    with pytest.raises(M3U8Error):
        m3u8.parse("#EXTM3U\n#EXTINF:1,\na.ts", url)


@pytest.mark.parametrize(
    ("text", "whether"),
    [
        ("#EXTM3U\n#EXT-X-VERSION:3\n", True),
        ("\ufeff\r\n #EXTM3U\n#EXT-X-VERSION:3\n", True),
        ("#EXTM3U\n#EXTINF:100,Song\nsong.mp3\n", False),
        ("<p>#EXTM3U\n#EXT-X-VERSION:3\n", False),
        ("", False),
    ],
)
def test_a_playlist_is_known_by_its_first_line(text: str, whether: bool) -> None:
    assert m3u8.is_playlist(text) is whether
