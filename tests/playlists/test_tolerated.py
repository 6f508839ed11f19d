"""Playlists that are not as they should be, and can be understood: taken, with a note."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from support.playlists import FOLDER, STREAM, URL, master, media

from reelin import m3u8
from reelin.media.m3u8 import Media, Variant


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:1,\na.ts\n#EXTINF:2,T\nb.ts",
        "#EXTM3U\r\n#EXT-X-TARGETDURATION:9\r\n#EXTINF:1,\r\na.ts\r\n#EXTINF:2,T\r\nb.ts\r\n",
        "#EXTM3U\r#EXT-X-TARGETDURATION:9\r#EXTINF:1,\ra.ts\r#EXTINF:2,T\rb.ts\r",
        "\n\n  #EXTM3U \n #EXT-X-TARGETDURATION : 9\n\t#EXTINF:  1  \n\n  a.ts\t\n#EXTINF: 2 , T \n#\nb.ts",
        "# a comment\n#EXTM3U\n#EXT-X-TARGETDURATION:9.0\n#EXTINF:1\na.ts\n#EXTINF:2.0,T\n./b.ts",
        "#EXT-X-TARGETDURATION:9\n#EXTINF:1.,\na.ts\n#EXTINF:2,T\nb.ts",
        "\\\n#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:1\na.ts\n#EXTINF:2.0,T\n./b.ts",
    ],
    ids=["bom", "crlf", "cr", "spaces", "commas", "no head", "line before"],
)
def test_odd_but_clear(text: str) -> None:
    playlist = m3u8.parse(text, URL)
    assert isinstance(playlist, Media)
    assert playlist.target_duration == 9
    assert [(each.uri, each.duration, each.title) for each in playlist.segments] == [
        (FOLDER + "a.ts", 1, ""),
        (FOLDER + "b.ts", 2, "T"),
    ]


def test_only_line_ends_end_lines() -> None:
    playlist = media("#EXTINF:1,one\u2028two\x0bthree\x85four\na.ts\n")
    assert playlist.segments[0].title == "one\u2028two\x0bthree\x85four"
    assert len(playlist.segments) == 1


@pytest.mark.parametrize(
    ("tag", "duration", "title"),
    [
        ('-1 tvg-id="x" group="News, local",Station', None, "Station"),
        ('10 tvg-id="x",Station, two', 10, "Station, two"),
        (",", None, ""),
        ("", None, ""),
        ("nan,T", None, "T"),
        ("1e3,T", None, "T"),
        ("9" * 5000 + ",T", None, "T"),
        ("4.000000,", 4, ""),
        (".5,", 0.5, ""),
        ("0,", 0, ""),
    ],
)
def test_odd_durations(tag: str, duration: float | None, title: str) -> None:
    (segment,) = media(f"#EXTINF:{tag}\na.ts\n").segments
    assert (segment.duration, segment.title) == (duration, title)


@pytest.mark.parametrize(
    ("tags", "note"),
    [
        ("#EXT-X-KEY:METHOD\n#EXTINF:1,\na.ts", "line 3: a key without METHOD: taken as NONE"),
        ("a.ts", "line 3: a segment without EXTINF"),
        ("#EXTINF:1,\n#EXTINF:1,\na.ts", "line 4: the EXTINF before this one has no address"),
        ("#EXTINF:1,\na.ts\n#EXTINF:1,", "the last EXTINF has no address: left out"),
        ("#EXT-X-TARGETDURATION:-10\n#EXTINF:1,\na.ts", "EXT-X-TARGETDURATION is '-10'"),
        ("#EXT-X-MEDIA-SEQUENCE:x\n#EXTINF:1,\na.ts", "EXT-X-MEDIA-SEQUENCE is 'x': not used"),
        ("#EXTINF:1,\na.ts\n#EXT-X-MEDIA-SEQUENCE:3", "stands after the first segment: not used"),
        ("#EXTINF:1,\na.ts\n#EXT-X-SKIP:SKIPPED-SEGMENTS=3", "EXT-X-SKIP stands after"),
        ("#EXTINF:1,\na.ts\n#EXT-X-DISCONTINUITY-SEQUENCE:3", "comes late: not used"),
        ("#EXTINF:1,\na.ts\n#EXT-X-PART:DURATION=1", "EXT-X-PART without"),
        ('#EXTINF:1,\na.ts\n#EXT-X-PART:URI="p",BYTERANGE="x"', "a bad range: left out"),
        ("#EXTINF:1,\na.ts\n#EXT-X-DEFINE:X=1", "EXT-X-DEFINE defines nothing"),
        ("#EXTINF:1,\na.ts\n#EXT-X-START:TIME-OFFSET=x", "TIME-OFFSET=x is not understood"),
    ],
)
def test_what_does_no_harm_is_noted(tags: str, note: str) -> None:
    playlist = media(tags + "\n")
    assert [each.uri for each in playlist.segments] == [FOLDER + "a.ts"]
    assert playlist.segments[0].number == 0
    assert any(note in each for each in playlist.notes), playlist.notes


@pytest.mark.parametrize(
    ("stream", "changed", "note"),
    [
        ("PROGRAM-ID=1", {"bandwidth": None}, "without BANDWIDTH"),
        ('BANDWIDTH="INVALID"', {"bandwidth": None}, "BANDWIDTH=INVALID is not understood"),
        ("BANDWIDTH=" + "9" * 5000, {"bandwidth": None}, "…"),
        ("BANDWIDTH=1,RESOLUTION=hd", {}, "RESOLUTION=hd is not understood"),
        ('BANDWIDTH=1,RESOLUTION="640x360"', {"resolution": (640, 360)}, ""),
        ("BANDWIDTH=1.5,FRAME-RATE=x", {}, "FRAME-RATE=x is not understood"),
        (' BANDWIDTH = 1 , AUDIO = "a"', {"audio": "a"}, ""),
        ('BANDWIDTH=1 AUDIO="a"CODECS="c"', {"audio": "a", "codecs": "c"}, ""),
        ("AUDIO=a,BANDWIDTH=1,", {"audio": "a"}, ""),
        ('BANDWIDTH=1,AUDIO="a', {"audio": "a"}, ""),
        ('BANDWIDTH=1,NAME="A=B, BANDWIDTH=7"', {"name": "A=B, BANDWIDTH=7"}, ""),
    ],
)
def test_odd_attributes(stream: str, changed: dict[str, Any], note: str) -> None:
    found = master(f"#EXT-X-STREAM-INF:{stream}\nv.m3u8\n")
    plain = Variant(FOLDER + "v.m3u8", bandwidth=1)
    assert found.variants == (dataclasses.replace(plain, **changed),)
    assert any(note in each for each in found.notes) if note else not found.notes


def test_what_a_master_leaves_out() -> None:
    found = master(
        f"""lost.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=5
#EXT-X-STREAM-INF:BANDWIDTH=6
javascript:alert(1)
{STREAM}#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="n",URI="file:///etc/passwd"
#EXT-X-MEDIA:GROUP-ID="a",NAME="n"
#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=1
#EXT-X-SESSION-DATA:VALUE="x"
#EXT-X-CONTENT-STEERING:PATHWAY-ID="x"
#EXT-X-STREAM-INF:BANDWIDTH=5
"""
    )
    assert [each.uri for each in found.variants] == [FOLDER + "v.m3u8"]
    assert not found.renditions and not found.iframes and not found.session_data
    assert found.steering is None
    lines = [each.partition(":")[0] for each in found.notes]
    assert lines == [f"line {n}" for n in (2, 4, 5, 8, 9, 10, 11, 12, 14)]


def test_notes_are_not_endless() -> None:
    assert len(media("a.ts\n" * 1000).notes) == 100


def test_a_master_may_hold_tags_of_media_playlists() -> None:
    assert master("#EXT-X-TARGETDURATION:9\n#EXT-X-ENDLIST\n" + STREAM).variants
    assert media('#EXT-X-SESSION-DATA:DATA-ID="a",VALUE="b"\n#EXTINF:1,\na.ts\n').segments
    assert master('#EXT-X-MEDIA:TYPE=AUDIO,NAME="n",URI="a.m3u8"\n').renditions


def test_an_empty_answer_has_no_segments() -> None:
    playlist = m3u8.parse("\ufeff \n", URL)
    assert isinstance(playlist, Media) and not playlist.segments
