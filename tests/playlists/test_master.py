"""Multivariant playlists: variants, renditions, and which variants are mirrors."""

from __future__ import annotations

from support.playlists import FOLDER, master

from reelin import m3u8
from reelin.media.m3u8 import Key, Variant


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
