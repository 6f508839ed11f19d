"""Playlists as values, by RFC 8216bis: each tag, what is tolerated, and what is refused."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from typing import Any

import pytest

from reelin import ExtractError, m3u8
from reelin.media.m3u8 import ByteRange, Key, M3U8Error, Master, Media, Variant

URL = "https://cdn.example/film/list.m3u8?token=a%2Fb&empty="
FOLDER = "https://cdn.example/film/"


def media(text: str, url: str = URL, **variables: str) -> Media:
    playlist = m3u8.parse("#EXTM3U\n#EXT-X-TARGETDURATION:9\n" + text, url, variables)
    assert isinstance(playlist, Media)
    return playlist


def master(text: str) -> Master:
    playlist = m3u8.parse("#EXTM3U\n" + text, URL)
    assert isinstance(playlist, Master)
    return playlist


def refusal(text: str, url: str = URL) -> str:
    with pytest.raises(M3U8Error) as error:
        m3u8.parse(text, url)
    assert isinstance(error.value, ExtractError) and error.value.kind == "ExtractError"
    assert url.partition("?")[0] in str(error.value) and error.value.url
    return str(error.value)


# Media playlists: what they say about themselves.


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


def test_keys_change_and_end() -> None:
    playlist = media(
        """#EXT-X-MEDIA-SEQUENCE:258
#EXTINF:1,
clear.ts
#EXT-X-KEY:METHOD=AES-128,URI="k1"
#EXTINF:1,
one.ts
#EXT-X-KEY:METHOD=AES-128,URI="k1"
#EXTINF:1,
same.ts
#EXT-X-KEY:METHOD=AES-128,URI="k2?a=1,b=2",IV=0X00ff00ff00ff00ff00ff00ff00ff00ff
#EXTINF:1,
two.ts
#EXT-X-KEY:METHOD=NONE
#EXTINF:1,
end.ts
"""
    )
    clear, one, same, two, end = playlist.segments
    assert (clear.keys, clear.key, end.keys) == ((), None, ())
    assert one.key == Key("AES-128", FOLDER + "k1", None, "identity", "1")
    assert one.keys is same.keys
    assert one.iv == bytes(14) + b"\x01\x03" and same.iv == bytes(14) + b"\x01\x04"
    assert two.key and two.key.uri == FOLDER + "k2?a=1,b=2"
    assert two.iv == two.key.iv == bytes.fromhex("00ff" * 8)
    assert m3u8.drm_of(playlist) == ()


WIDEVINE = (
    'METHOD=SAMPLE-AES-CTR,URI="data:text/plain;base64,AAAA",'
    'KEYFORMAT="urn:uuid:EDEF8BA9-79D6-4ACE-A3C8-27DCD51D21ED",KEYFORMATVERSIONS="1"'
)
FAIRPLAY = 'METHOD=SAMPLE-AES,URI="skd://asset",KEYFORMAT="com.apple.streamingkeydelivery"'
PLAYREADY = 'METHOD=SAMPLE-AES,URI="data:;base64,AA",KEYFORMAT="com.microsoft.playready"'


def test_keys_of_several_formats_are_in_force_together() -> None:
    playlist = media(
        f"""#EXT-X-KEY:{FAIRPLAY}
#EXT-X-KEY:METHOD=AES-128,URI="k1"
#EXTINF:1,
a.ts
#EXT-X-KEY:METHOD=AES-128,URI="k2"
#EXTINF:1,
b.ts
"""
    )
    assert [[key.uri for key in each.keys] for each in playlist.segments] == [
        ["skd://asset", FOLDER + "k1"],
        ["skd://asset", FOLDER + "k2"],
    ]
    assert [each.key and each.key.uri for each in playlist.segments] == [
        FOLDER + "k1",
        FOLDER + "k2",
    ]
    assert m3u8.drm_of(playlist) == ()


@pytest.mark.parametrize(
    ("keys", "names"),
    [
        ([WIDEVINE], ("Widevine",)),
        ([FAIRPLAY], ("FairPlay",)),
        ([PLAYREADY], ("PlayReady",)),
        ([WIDEVINE, FAIRPLAY, PLAYREADY], ("Widevine", "FairPlay", "PlayReady")),
        (['METHOD=SAMPLE-AES,URI="k"'], ("SAMPLE-AES",)),
        (['METHOD=SAMPLE-AES-CTR,URI="k"'], ("SAMPLE-AES-CTR",)),
        (['METHOD=AES-256,URI="k"'], ("AES-256",)),
        (['METHOD=AES-128,URI="skd://asset"'], ("FairPlay",)),
        (['METHOD=AES-128,URI="k",KEYFORMAT="com.example"'], ("AES-128 (com.example)",)),
        (['METHOD=AES-128,URI="k"'], ()),
        (["METHOD=NONE"], ()),
        ([], ()),
    ],
)
def test_drm_is_known_by_name(keys: list[str], names: tuple[str, ...]) -> None:
    tags = "".join(f"#EXT-X-KEY:{key}\n" for key in keys)
    assert m3u8.drm_of(media(tags + "#EXTINF:1,\na.ts\n")) == names
    assert m3u8.drm_of(media("#EXTINF:1,\na.ts\n" + tags + "#EXTINF:1,\nb.ts\n")) == names
    assert m3u8.drm_of(master(tags.replace("X-KEY", "X-SESSION-KEY") + STREAM)) == names


def test_a_key_may_stand_in_the_playlist_itself() -> None:
    sixteen = "data:application/octet-stream;base64,MDEyMzQ1Njc4OWFiY2RlZg=="
    playlist = media(f'#EXT-X-KEY:METHOD=AES-128,URI="{sixteen}"\n#EXTINF:1,\na.ts\n')
    key = playlist.segments[0].key
    assert key and key.uri == sixteen and key.inline == b"0123456789abcdef"
    assert Key("AES-128", "data:,%30123").inline == b"0123"
    assert Key("AES-128", "https://x.example/,k").inline is None
    assert Key("AES-128", "data:;base64,!").inline is None


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


# Variables.


def test_variables() -> None:
    playlist = media(
        """#EXT-X-DEFINE:NAME="host",VALUE="https://b.example"
#EXT-X-DEFINE:NAME="base",VALUE="{$host}/x"
#EXT-X-DEFINE:IMPORT="auth"
#EXT-X-DEFINE:QUERYPARAM="token"
#EXT-X-KEY:METHOD=AES-128,URI="{$base}/k?{$auth}",IV=0x{$auth}
#EXTINF:1,{$host}
{$base}/a.ts?t={$token}
""",
        auth="0a",
    )
    (segment,) = playlist.segments
    assert segment.uri == "https://b.example/x/a.ts?t=a/b" and segment.title == "{$host}"
    assert segment.key and segment.key.uri == "https://b.example/x/k?0a"
    assert segment.iv == bytes(15) + b"\x0a"


def test_what_variables_bring_is_not_replaced_again() -> None:
    playlist = media('#EXT-X-DEFINE:IMPORT="a"\n#EXTINF:1,\nx/{$a}.ts\n', a="{$a}")
    assert playlist.segments[0].uri == FOLDER + "x/{$a}.ts"


def test_a_master_hands_its_variables_on() -> None:
    found = master('#EXT-X-DEFINE:NAME="a",VALUE="1"\n#EXT-X-STREAM-INF:BANDWIDTH=1\n{$a}.m3u8\n')
    assert found.variants[0].uri == FOLDER + "1.m3u8"
    assert found.variables == {"a": "1"}


@pytest.mark.parametrize(
    ("tags", "says"),
    [
        ("#EXTINF:1,\n{$x}.ts", "{$x} has no value"),
        ('#EXTINF:1,\n{$x}.ts\n#EXT-X-DEFINE:NAME="x",VALUE="1"', "{$x} has no value"),
        ('#EXT-X-MAP:URI="{$x}"', "{$x} has no value"),
        ('#EXT-X-DEFINE:IMPORT="x"', "multivariant"),
        ('#EXT-X-DEFINE:QUERYPARAM="x"', "?x="),
        ('#EXT-X-DEFINE:QUERYPARAM="empty"', "?empty="),
        ('#EXT-X-DEFINE:NAME="x y",VALUE="1"', "not a name"),
        (
            '#EXT-X-DEFINE:NAME="x",VALUE="1"\n#EXT-X-DEFINE:NAME="x",VALUE="2"',
            "defined twice",
        ),
    ],
)
def test_variables_that_are_not_there(tags: str, says: str) -> None:
    assert says in refusal("#EXTM3U\n#EXT-X-TARGETDURATION:1\n" + tags + "\n")


def test_a_query_cannot_bring_in_a_line() -> None:
    url = "https://cdn.example/a.m3u8?x=%0A%22"
    assert "quote" in refusal('#EXTM3U\n#EXT-X-DEFINE:QUERYPARAM="x"\n', url)


def test_variables_cannot_blow_up() -> None:
    """A thousand million characters from a few hundred."""
    tags = ['#EXT-X-DEFINE:NAME="v0",VALUE="aaaaaaaaaa"']
    tags += [f'#EXT-X-DEFINE:NAME="v{n + 1}",VALUE="{f"{{$v{n}}}" * 10}"' for n in range(10)]
    assert "blow" in refusal("#EXTM3U\n" + "\n".join(tags))


# Multivariant playlists.

STREAM = "#EXT-X-STREAM-INF:BANDWIDTH=1\nv.m3u8\n"


def test_a_master_playlist() -> None:
    found = master(
        """#EXT-X-VERSION:6
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-CONTENT-STEERING:SERVER-URI="/steer",PATHWAY-ID="cdn-a"
#EXT-X-SESSION-DATA:DATA-ID="com.example.title",VALUE="A film",LANGUAGE="en"
#EXT-X-SESSION-DATA:DATA-ID="com.example.more",URI="more.bin",FORMAT=RAW
#EXT-X-SESSION-KEY:METHOD=AES-128,URI="k"
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="aac",NAME="English",LANGUAGE="en",ASSOC-LANGUAGE="fr",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="6",BIT-DEPTH=16,SAMPLE-RATE=48000,CHARACTERISTICS="public.a, public.b",STABLE-RENDITION-ID="r1",URI="en.m3u8"
#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="subs",NAME="Deutsch",LANGUAGE="de",FORCED=YES,URI="de.m3u8"
#EXT-X-MEDIA:TYPE=CLOSED-CAPTIONS,GROUP-ID="cc",NAME="CC1",INSTREAM-ID="CC1"
#EXT-X-STREAM-INF:BANDWIDTH=2000000,AVERAGE-BANDWIDTH=1500000,CODECS="avc1.64001f, mp4a.40.2",SUPPLEMENTAL-CODECS="dvh1.08.07/db4h",RESOLUTION=1280x720,FRAME-RATE=29.97,HDCP-LEVEL=TYPE-0,ALLOWED-CPC="a:b",VIDEO-RANGE=PQ,REQ-VIDEO-LAYOUT="CH-STEREO",AUDIO="aac",VIDEO="v",SUBTITLES="subs",CLOSED-CAPTIONS="cc",STABLE-VARIANT-ID="s1",PATHWAY-ID="cdn-a",NAME="720p",SCORE=2.5
720.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=65000,CODECS="mp4a.40.5",CLOSED-CAPTIONS=NONE

sound.m3u8
#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=90000,RESOLUTION=640x360,URI="iframes.m3u8"
"""
    )
    assert found.variants[0] == Variant(
        FOLDER + "720.m3u8",
        bandwidth=2_000_000,
        average_bandwidth=1_500_000,
        codecs="avc1.64001f,mp4a.40.2",
        supplemental_codecs="dvh1.08.07/db4h",
        resolution=(1280, 720),
        frame_rate=29.97,
        hdcp="TYPE-0",
        allowed_cpc="a:b",
        video_range="PQ",
        video_layout="CH-STEREO",
        audio="aac",
        video="v",
        subtitles="subs",
        closed_captions="cc",
        stable_id="s1",
        pathway="cdn-a",
        name="720p",
        score=2.5,
    )
    sound = Variant(FOLDER + "sound.m3u8", bandwidth=65000, codecs="mp4a.40.5")
    assert found.variants[1:] == (sound,)
    assert found.iframes == (
        Variant(FOLDER + "iframes.m3u8", bandwidth=90000, resolution=(640, 360)),
    )
    english, german, captions = found.renditions
    assert english == m3u8.Rendition(
        "AUDIO",
        "aac",
        "English",
        FOLDER + "en.m3u8",
        language="en",
        assoc_language="fr",
        default=True,
        autoselect=True,
        channels="6",
        bit_depth=16,
        sample_rate=48000,
        characteristics=("public.a", "public.b"),
        stable_id="r1",
    )
    assert german.forced and not german.default and german.group == "subs"
    assert captions.uri is None and captions.instream_id == "CC1"
    assert found.session_keys == (Key("AES-128", FOLDER + "k"),)
    assert found.session_data == (
        m3u8.SessionData("com.example.title", "A film", None, "en"),
        m3u8.SessionData("com.example.more", None, FOLDER + "more.bin", None, "RAW"),
    )
    assert found.steering == m3u8.Steering("https://cdn.example/steer", "cdn-a")
    assert (found.version, found.independent_segments, found.notes) == (6, True, ())


def streams(text: str) -> list[list[str]]:
    found = master(text).streams
    return [[each.uri.removeprefix(FOLDER) for each in mirrors] for mirrors in found]


def test_redundant_variants_are_mirrors() -> None:
    low, high = '#EXT-X-STREAM-INF:BANDWIDTH=1,AUDIO="a"\n', "#EXT-X-STREAM-INF:BANDWIDTH=2\n"
    assert streams(f"{low}l1\n{high}h1\n{low}l2\n{high}h2\n{low}l1\n") == [
        ["l1", "l2"],
        ["h1", "h2"],
    ]
    other = low.replace('"a"', '"b"')
    assert streams(f"{low}l1\n{other}l2\n") == [["l1"], ["l2"]]


def test_variants_on_several_pathways_are_mirrors() -> None:
    tag = '#EXT-X-STREAM-INF:BANDWIDTH={},PATHWAY-ID="{}",AUDIO="{}"{}\n'
    text = tag.format(1, "a", "sound-a", "") + "a1\n" + tag.format(1, "b", "sound-b", "") + "b1\n"
    assert streams(text) == [["a1", "b1"]]
    named = ',STABLE-VARIANT-ID="x"'
    text = tag.format(1, "a", "s", named) + "a1\n" + tag.format(2, "b", "t", named) + "b1\n"
    assert streams(text) == [["a1", "b1"]]


def test_variants_that_say_nothing_are_no_mirrors() -> None:
    assert streams("#EXT-X-STREAM-INF:\na\n#EXT-X-STREAM-INF:\nb\n") == [["a"], ["b"]]


# What is tolerated.


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


# What is refused.


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
