"""Media playlists: their segments with addresses, ranges and maps, and what they say about themselves."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from support.playlists import FOLDER, URL, media

from reelin import m3u8
from reelin.media.m3u8 import ByteRange


def test_a_media_playlist() -> None:
    playlist = media(
        """#EXT-X-VERSION:7
#EXT-X-MEDIA-SEQUENCE:100
#EXT-X-DISCONTINUITY-SEQUENCE:5
#EXT-X-PLAYLIST-TYPE:VOD
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-START:TIME-OFFSET=-3.5,PRECISE=YES
# a comment
#EXT-X-NOBODY-KNOWS:THIS="tag"

#EXTINF:8.5,First, and "best"
one.ts
#EXT-X-DISCONTINUITY
#EXTINF:6,
/two.ts?x=1
#EXT-X-ENDLIST
"""
    )
    assert playlist.url == URL
    assert (playlist.version, playlist.target_duration, playlist.duration) == (7, 9, 14.5)
    assert (playlist.media_sequence, playlist.discontinuity_sequence) == (100, 5)
    assert (playlist.playlist_type, playlist.endlist, playlist.iframes_only) == ("VOD", True, False)
    assert playlist.independent_segments and playlist.start == m3u8.Start(-3.5, True)
    one, two = playlist.segments
    assert (one.uri, one.number, one.duration) == (FOLDER + "one.ts", 100, 8.5)
    assert (one.title, one.discontinuity) == ('First, and "best"', 5)
    assert (two.uri, two.number, two.duration) == ("https://cdn.example/two.ts?x=1", 101, 6)
    assert (two.title, two.discontinuity) == ("", 6)
    assert playlist.notes == ()


@pytest.mark.parametrize(
    ("uri", "url"),
    [
        ("a.ts", FOLDER + "a.ts"),
        ("./a.ts", FOLDER + "a.ts"),
        ("../a.ts?t=1", "https://cdn.example/a.ts?t=1"),
        ("/a.ts", "https://cdn.example/a.ts"),
        ("//b.example/a.ts", "https://b.example/a.ts"),
        ("//b.example", "https://b.example/"),
        ("https://B.example:443/a.ts#t=1", "https://b.example/a.ts"),
        ("?part=2", FOLDER + "list.m3u8?part=2"),
        ("a b.ts", FOLDER + "a%20b.ts"),
        (" \ta.ts ", FOLDER + "a.ts"),
        ("480p,m3u8", FOLDER + "480p,m3u8"),
        ("é.ts", FOLDER + "%C3%A9.ts"),
    ],
)
def test_addresses(uri: str, url: str) -> None:
    assert media(f"#EXTINF:1,\n{uri}\n").segments[0].uri == url


def test_ranges_of_bytes() -> None:
    playlist = media(
        """#EXT-X-BYTERANGE:100@50
#EXTINF:1,
a.ts
#EXTINF:1,
#EXT-X-BYTERANGE:30@0
b.ts
#EXTINF:1,
#EXT-X-BYTERANGE:20
a.ts
#EXTINF:1,
#EXT-X-BYTERANGE: 10 @
b.ts
#EXTINF:1,
a.ts
"""
    )
    assert [each.byterange for each in playlist.segments] == [
        ByteRange(50, 100),
        ByteRange(0, 30),
        ByteRange(150, 20),
        ByteRange(30, 10),
        None,
    ]
    assert playlist.notes == ()
    guessed = media("#EXTINF:1,\n#EXT-X-BYTERANGE:7\na.ts\n")
    assert guessed.segments[0].byterange == ByteRange(0, 7)
    assert "line 5: a byte range without start" in guessed.notes[0]


def test_maps_are_in_force_until_the_next() -> None:
    playlist = media(
        """#EXTINF:1,
a.ts
#EXT-X-MAP:URI="init.mp4",BYTERANGE="700@10"
#EXT-X-KEY:METHOD=AES-128,URI="k1",IV=0x1
#EXTINF:1,
b.m4s
#EXT-X-MAP:URI="init.mp4",BYTERANGE="700@10"
#EXTINF:1,
c.m4s
#EXT-X-MEDIA-SEQUENCE:0
#EXT-X-MAP:URI="/other.mp4"
#EXT-X-KEY:METHOD=NONE
#EXT-X-DISCONTINUITY
#EXTINF:1,
d.m4s
#EXTINF:1,
e.m4s
"""
    )
    a, b, c, d, e = playlist.segments
    assert a.map is None
    assert b.map and b.map.uri == FOLDER + "init.mp4" and b.map.byterange == ByteRange(10, 700)
    assert b.map.keys == () and b.key
    assert c.map and c.map.keys == c.keys and c.map.iv == bytes(15) + b"\x01"
    assert d.map and d.map.uri == "https://cdn.example/other.mp4" and d.map.byterange is None
    assert d.map.key and not d.keys and e.map is d.map
    assert playlist.notes == ()


def test_the_same_map_again_is_the_same_map() -> None:
    one = '#EXT-X-MAP:URI="init.mp4"\n#EXTINF:1,\na.m4s\n'
    first, second = media(one + one).segments
    assert first.map is second.map


def test_segments_in_one_file_begin_behind_their_map() -> None:
    playlist = media(
        '#EXT-X-MAP:URI="v.mp4",BYTERANGE="700@0"\n#EXTINF:1,\n#EXT-X-BYTERANGE:50\nv.mp4\n'
    )
    assert playlist.segments[0].byterange == ByteRange(700, 50)


def test_an_encrypted_map_without_iv_is_taken_as_players_take_it() -> None:
    playlist = media(
        """#EXT-X-KEY:METHOD=AES-128,URI="k"
#EXT-X-MAP:URI="init.mp4"
#EXT-X-MEDIA-SEQUENCE:7
#EXTINF:1,
a.m4s
"""
    )
    (segment,) = playlist.segments
    assert segment.map and segment.map.iv == segment.iv == bytes(15) + b"\x07"
    assert "without IV: taken as 7" in playlist.notes[0]


def test_dates_gaps_and_bitrates() -> None:
    playlist = media(
        """#EXT-X-PROGRAM-DATE-TIME:2026-02-03T04:05:06.5+01:00
#EXT-X-BITRATE:800
#EXTINF:1,
a.ts
#EXT-X-GAP
#EXTINF:1,
b.ts
#EXT-X-BYTERANGE:5@0
#EXTINF:1,
c.ts
#EXT-X-PROGRAM-DATE-TIME:yesterday
#EXTINF:1,
d.ts
#EXT-X-GAP
#EXTINF:1,
about:blank
"""
    )
    a, b, c, d, e = playlist.segments
    assert a.date == datetime(2026, 2, 3, 3, 5, 6, 500000, tzinfo=UTC)
    assert (b.date, d.date) == (None, None)
    assert [each.gap for each in playlist.segments] == [False, True, False, False, True]
    assert [each.bitrate for each in (a, b, c, d)] == [800_000, 800_000, None, 800_000]
    assert e.uri == ""
    assert playlist.notes == ("line 13: 'yesterday' is not a date",)


def test_low_latency() -> None:
    playlist = media(
        """#EXT-X-PART-INF:PART-TARGET=0.5
#EXT-X-MEDIA-SEQUENCE:10
#EXT-X-SKIP:SKIPPED-SEGMENTS=3
#EXT-X-PART:DURATION=0.5,URI="a.1.mp4",INDEPENDENT=YES
#EXT-X-PART:DURATION=0.5,URI="a.2.mp4",BYTERANGE="10@5",GAP=YES
#EXT-X-PART:DURATION=0.5,URI="a.2.mp4",BYTERANGE="20"
#EXTINF:1,
a.mp4
#EXT-X-PART:DURATION=0.5,URI="b.1.mp4"
#EXT-X-PRELOAD-HINT:TYPE=PART,URI="b.2.mp4",BYTERANGE-START=3
#EXT-X-PRELOAD-HINT:TYPE=PART,URI="about:blank"
#EXT-X-RENDITION-REPORT:URI="../low/list.m3u8",LAST-MSN=13,LAST-PART=1
#EXT-X-RENDITION-REPORT:URI="x.m3u8"
"""
    )
    (segment,) = playlist.segments
    assert (playlist.part_target, playlist.skipped, segment.number) == (0.5, 3, 13)
    assert [each.independent for each in segment.parts] == [True, False, False]
    assert [each.byterange for each in segment.parts] == [None, (5, 10), (15, 20)]
    assert segment.parts[1].gap
    assert [each.uri for each in playlist.parts] == [FOLDER + "b.1.mp4"]
    assert playlist.preload_hints == (m3u8.PreloadHint("PART", FOLDER + "b.2.mp4", 3),)
    assert playlist.rendition_reports == (
        m3u8.RenditionReport("https://cdn.example/low/list.m3u8", 13, 1),
        m3u8.RenditionReport(FOLDER + "x.m3u8"),
    )


def test_date_ranges() -> None:
    playlist = media(
        """#EXT-X-DATERANGE:ID="ad",CLASS="x",START-DATE="2026-01-01T00:00:00Z",END-DATE="2026-01-01T00:01:00Z",DURATION=60,PLANNED-DURATION=59.5,SCTE35-OUT=0xFC,X-NAME="A, B",END-ON-NEXT=YES
#EXT-X-DATERANGE:CLASS="no id"
"""
    )
    new_year = datetime(2026, 1, 1, tzinfo=UTC)
    assert playlist.dateranges == (
        m3u8.DateRange(
            "ad",
            "x",
            new_year,
            new_year.replace(minute=1),
            60,
            59.5,
            (("SCTE35-OUT", "0xFC"), ("X-NAME", "A, B")),
        ),
    )
    assert "without ID" in playlist.notes[0]


def test_iframes_only_and_event() -> None:
    playlist = media("#EXT-X-I-FRAMES-ONLY\n#EXT-X-PLAYLIST-TYPE: event\n")
    assert playlist.iframes_only and playlist.playlist_type == "EVENT" and not playlist.segments
