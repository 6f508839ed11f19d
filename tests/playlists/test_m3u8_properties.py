"""Playlists of any make: read back as written, as the m3u8 package reads them, in linear time."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import m3u8 as peer
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelin import m3u8
from reelin.media.m3u8 import ByteRange, M3U8Error, Master, Media
from reelin.media.m3u8.addresses import Addresses
from reelin.model import urls

URL = "https://cdn.example/film/list.m3u8"
FOLDER = "https://cdn.example/film/"


# What both read: written from values, read back as the same values.


@dataclass(frozen=True)
class Written:
    """A segment as a playlist may say it."""

    name: str
    duration: int
    title: str
    byterange: tuple[int, int] | None
    key: tuple[str, bytes | None] | None
    map: tuple[str, tuple[int, int] | None] | None
    discontinuity: bool
    gap: bool


names = st.from_regex(r"[a-z0-9]{1,8}(/[a-z0-9]{1,8})?\.ts(\?[a-z]=[a-z0-9]{1,4})?", fullmatch=True)
numbers = st.integers(1, 10**9)
segments = st.builds(
    Written,
    names,
    st.integers(0, 10**6),
    st.text("abc ,\"'=äö", max_size=10).map(str.strip),
    st.none() | st.tuples(numbers, numbers),
    st.none() | st.tuples(names, st.none() | st.binary(min_size=16, max_size=16)),
    st.none() | st.tuples(names, st.none() | st.tuples(numbers, numbers)),
    st.booleans(),
    st.booleans(),
)


def written(playlist: list[Written], sequence: int) -> str:
    lines = ["#EXTM3U", "#EXT-X-TARGETDURATION:9", f"#EXT-X-MEDIA-SEQUENCE:{sequence}"]
    key, section = None, None
    for each in playlist:
        if each.key != key:
            key = each.key
            iv = f",IV=0x{key[1].hex()}" if key and key[1] is not None else ""
            lines.append(
                f'#EXT-X-KEY:METHOD=AES-128,URI="{key[0]}"{iv}' if key else "#EXT-X-KEY:METHOD=NONE"
            )
        if each.map and each.map != section:
            section = each.map
            ranged = f',BYTERANGE="{section[1][1]}@{section[1][0]}"' if section[1] else ""
            lines.append(f'#EXT-X-MAP:URI="{section[0]}"{ranged}')
        lines += ["#EXT-X-DISCONTINUITY"] * each.discontinuity + ["#EXT-X-GAP"] * each.gap
        if each.byterange:
            lines.append(f"#EXT-X-BYTERANGE:{each.byterange[1]}@{each.byterange[0]}")
        lines += [f"#EXTINF:{each.duration},{each.title}", each.name]
    return "\n".join([*lines, "#EXT-X-ENDLIST", ""])


def facts(segment: m3u8.Segment) -> dict[str, Any]:
    return {
        "uri": segment.uri,
        "duration": segment.duration,
        "title": segment.title,
        "byterange": segment.byterange,
        "key": segment.key and (segment.key.uri, segment.key.iv),
        "map": segment.map and (segment.map.uri, segment.map.byterange),
        "gap": segment.gap,
    }


@given(st.lists(segments, min_size=1, max_size=8), st.integers(0, 10**12))
def test_what_is_written_is_read(playlist: list[Written], sequence: int) -> None:
    read = m3u8.parse(written(playlist, sequence), URL)
    assert isinstance(read, Media) and read.endlist and not read.discontinuity_sequence
    section, breaks = None, 0
    assert len(read.segments) == len(playlist)
    for number, (each, segment) in enumerate(zip(playlist, read.segments, strict=True), sequence):
        section = each.map or section
        breaks += each.discontinuity
        assert facts(segment) == {
            "uri": FOLDER + each.name,
            "duration": each.duration,
            "title": each.title,
            "byterange": each.byterange,
            "key": each.key and (FOLDER + each.key[0], each.key[1]),
            "map": section and (FOLDER + section[0], section[1]),
            "gap": each.gap,
        }
        assert (segment.number, segment.discontinuity) == (number, breaks)
        if each.key:
            assert segment.iv == each.key[1] or segment.iv == number.to_bytes(16, "big")


def peer_range(text: str | None) -> ByteRange | None:
    if not text:
        return None
    length, _, start = text.partition("@")
    return ByteRange(int(start), int(length))


def peer_facts(segment: Any) -> dict[str, Any]:
    key, section = segment.key, segment.init_section
    encrypted = key is not None and key.method != "NONE"
    return {
        "uri": segment.absolute_uri,
        "duration": segment.duration,
        "title": segment.title,
        "byterange": peer_range(segment.byterange),
        "key": (key.absolute_uri, bytes.fromhex(key.iv[2:]) if key.iv else None)
        if encrypted
        else None,
        "map": section and (section.absolute_uri, peer_range(section.byterange)),
        "gap": bool(segment.gap_tag),
    }


@given(st.lists(segments, min_size=1, max_size=8), st.integers(0, 10**12))
def test_the_m3u8_package_reads_the_same(playlist: list[Written], sequence: int) -> None:
    text = written(playlist, sequence)
    ours, theirs = m3u8.parse(text, URL), peer.loads(text, uri=URL)
    assert isinstance(ours, Media)
    assert [facts(each) for each in ours.segments] == [peer_facts(each) for each in theirs.segments]
    assert ours.media_sequence == theirs.media_sequence
    assert ours.target_duration == theirs.target_duration
    breaks = [sum(each.discontinuity for each in playlist[: n + 1]) for n in range(len(playlist))]
    assert [each.discontinuity for each in ours.segments] == breaks


words = st.text("abcXYZ0189-_. ", min_size=1, max_size=8).map(str.strip).filter(bool)
variants = st.fixed_dictionaries(
    {"BANDWIDTH": st.integers(0, 10**12).map(str)},
    optional={
        "AVERAGE-BANDWIDTH": st.integers(0, 10**12).map(str),
        "CODECS": words.map('"{}"'.format),
        "RESOLUTION": st.tuples(st.integers(1, 9999), st.integers(1, 9999)).map("%dx%d".__mod__),
        "AUDIO": words.map('"{}"'.format),
        "SUBTITLES": words.map('"{}"'.format),
        "FRAME-RATE": st.sampled_from(["25", "29.970", "60.000"]),
        "VIDEO-RANGE": st.sampled_from(["SDR", "PQ", "HLG"]),
        "PATHWAY-ID": words.map('"{}"'.format),
        "STABLE-VARIANT-ID": words.map('"{}"'.format),
    },
)
renditions = st.fixed_dictionaries(
    {
        "TYPE": st.sampled_from(["AUDIO", "SUBTITLES", "VIDEO"]),
        "GROUP-ID": words.map('"{}"'.format),
        "NAME": words.map('"{}"'.format),
    },
    optional={
        "URI": names.map('"{}"'.format),
        "LANGUAGE": words.map('"{}"'.format),
        "DEFAULT": st.sampled_from(["YES", "NO"]),
        "AUTOSELECT": st.sampled_from(["YES", "NO"]),
        "FORCED": st.sampled_from(["YES", "NO"]),
        "CHANNELS": words.map('"{}"'.format),
    },
)


def tag(name: str, attributes: dict[str, str]) -> str:
    return f"#{name}:" + ",".join(f"{key}={value}" for key, value in attributes.items())


@given(st.lists(st.tuples(variants, names), min_size=1, max_size=5), st.lists(renditions))
def test_masters_are_read_as_the_m3u8_package_reads_them(
    streams: list[tuple[dict[str, str], str]], media: list[dict[str, str]]
) -> None:
    lines = ["#EXTM3U", *(tag("EXT-X-MEDIA", each) for each in media)]
    for attributes, name in streams:
        lines += [tag("EXT-X-STREAM-INF", attributes), name]
    text = "\n".join(lines)
    ours, theirs = m3u8.parse(text, URL), peer.loads(text, uri=URL)
    assert isinstance(ours, Master) and theirs.is_variant and not ours.notes
    assert sum(map(len, ours.streams)) <= len(ours.variants) == len(streams)
    for mine, other in zip(ours.variants, theirs.playlists, strict=True):
        said = other.stream_info
        assert mine.uri == other.absolute_uri
        assert mine.bandwidth == said.bandwidth
        assert mine.average_bandwidth == said.average_bandwidth
        assert (mine.codecs, mine.resolution) == (said.codecs, said.resolution)
        assert (mine.audio, mine.subtitles) == (said.audio, said.subtitles)
        assert (mine.frame_rate, mine.video_range) == (said.frame_rate, said.video_range)
        assert (mine.pathway, mine.stable_id) == (said.pathway_id, said.stable_variant_id)
    for rendition, there in zip(ours.renditions, theirs.media, strict=True):
        assert (rendition.type, rendition.group) == (there.type, there.group_id)
        assert (rendition.name, rendition.language) == (there.name, there.language)
        assert rendition.uri == (there.absolute_uri if there.uri else None)
        assert rendition.default == (there.default == "YES")
        assert rendition.autoselect == (there.autoselect == "YES")
        assert rendition.forced == (there.forced == "YES")
        assert rendition.channels == there.channels


# What nobody wrote.

PIECES = """#EXTM3U|#EXTINF:|#EXT-X-KEY:|#EXT-X-MAP:|#EXT-X-BYTERANGE:|#EXT-X-STREAM-INF:|#EXT-X-MEDIA:
|#EXT-X-DEFINE:|#EXT-X-MEDIA-SEQUENCE:|#EXT-X-DISCONTINUITY|#EXT-X-DISCONTINUITY-SEQUENCE:|#EXT-X-GAP
|#EXT-X-PART:|#EXT-X-SKIP:|#EXT-X-PRELOAD-HINT:|#EXT-X-RENDITION-REPORT:|#EXT-X-DATERANGE:|#EXT-X-START:
|#EXT-X-PROGRAM-DATE-TIME:|#EXT-X-BITRATE:|#EXT-X-TARGETDURATION:|#EXT-X-SESSION-KEY:|#EXT-X-SESSION-DATA:
|#EXT-X-CONTENT-STEERING:|#EXT-X-I-FRAME-STREAM-INF:|#EXT-X-PART-INF:|#EXT-X-VERSION:|#EXT-X-ENDLIST
|#EXT-X-PLAYLIST-TYPE:|METHOD=|AES-128|NONE|URI=|IV=|0x1|KEYFORMAT=|NAME=|VALUE=|IMPORT=|QUERYPARAM=|{$a}
|BANDWIDTH=|RESOLUTION=|1x1|BYTERANGE=|TYPE=|ID=|START-DATE=|2026-01-01T00:00:00Z|SKIPPED-SEGMENTS=|SERVER-URI=
|DATA-ID=|DURATION=|a|a.ts|https://b.example/c|data:,k|file:///x|//|..|?|%|-1|0|7|1.5|nan|@|"|,|=|:| |é|\ud800|\0
|9999999999999999999999""".replace("\n", "").split("|")
odd_texts = st.lists(st.sampled_from([*PIECES, *"\n\n\n\n\r", "\u2028"]), max_size=40).map("".join)


@given(odd_texts | st.text(), st.booleans())
def test_it_raises_nothing_but_its_own_error(text: str, headed: bool) -> None:
    m3u8.is_playlist(text)
    try:
        playlist = m3u8.parse("#EXTM3U\n" * headed + text, URL + "?a=1", {"a": "x"})
    except M3U8Error as error:
        assert str(error)
        return
    assert isinstance(m3u8.drm_of(playlist), tuple)
    if isinstance(playlist, Master):
        assert sum(map(len, playlist.streams)) <= len(playlist.variants)
        addresses = [each.uri for each in (*playlist.variants, *playlist.iframes)]
    else:
        addresses = [each.uri for each in playlist.segments if not each.gap]
        addresses += [each.map.uri for each in playlist.segments if each.map]
        addresses += [each.key.uri for each in playlist.segments if each.key]
        for each in playlist.segments:
            assert len(each.iv) == 16 and each.byterange != (0, 0)
            assert each.map is None or len(each.map.iv) == 16
    assert all(uri.startswith(("https://", "http://", "data:")) for uri in addresses)


ADDRESS = "a|b|.|..|/|//|\\|?|#|:|;|@|http:|https:|file:|C:|%|é|&|=|[|]|seg.ts|h.example|8|80|%2e|~|\t|'|\"| "


@given(
    st.sampled_from(["https://cdn.example/v/p.m3u8", "http://h/", "http://u:p@h:81/a;b/c?x=/y/z"]),
    st.lists(st.sampled_from(ADDRESS.split("|")), max_size=7).map("".join),
)
def test_addresses_lead_where_those_of_pages_lead(base: str, uri: str) -> None:
    assert Addresses(base).join(uri) == urls.join(base, uri)


# Time.

HEAD = "#EXTM3U\n#EXT-X-TARGETDURATION:4\n"


def seconds(work: Callable[[], object]) -> float:
    """Processor time, the best of three."""
    taken = []
    for _ in range(3):
        started = time.process_time()
        work()
        taken.append(time.process_time() - started)
    return min(taken)


def test_it_is_faster_than_the_m3u8_package() -> None:
    text = HEAD + "".join(f"#EXTINF:4.000,\nsegment{n:05d}.ts\n" for n in range(10_000))
    assert seconds(lambda: m3u8.parse(text, URL)) < seconds(lambda: peer.loads(text, uri=URL))


@pytest.mark.parametrize(
    "line",
    [
        '#EXT-X-KEY:METHOD=AES-128,URI="k{n}.bin",IV=0x{n:032x}\n#EXTINF:4,\ns{n}.ts\n',
        '#EXT-X-MAP:URI="i{n}.mp4"\n#EXTINF:4,\n../a/s{n}.ts?token=a/b\n',
        "#EXT-X-BYTERANGE:5\n#EXTINF:4,\nhttps://b.example/{n}/s.ts\n",
    ],
    ids=["keys", "maps", "ranges"],
)
def test_twice_the_segments_take_twice_the_time(line: str) -> None:
    def taken(number: int) -> float:
        text = HEAD + "".join(line.format(n=n) for n in range(number))
        return seconds(lambda: m3u8.parse(text, URL))

    assert taken(16_000) < 2 * 4 * taken(4_000)


SIZE = 1_000_000
HOSTILE = {
    "spaces": " ",
    "lines": "\n",
    "returns": "\r",
    "tags": "#EXT\n",
    "address": "a",
    "folders": "a/",
    "up": "../",
    "not ascii": "é",
    "durations": "#EXTINF:x\n",
    "quotes": '#EXTINF:"a",',
    "commas": '#EXTINF:x,"',
    "a long name": "#EXT-X-KEY:METHOD=NONE" + "A" * 1000,
    "names": "#EXT-X-KEY:METHOD=NONE,A A ",
    "no names": "#EXT-X-KEY:METHOD=NONE,==",
    "open quotes": '#EXT-X-KEY:METHOD=NONE,="',
    "open references": "#EXT-X-KEY:METHOD=NONE,A={$",
    "keys": '#EXT-X-KEY:METHOD=S,URI="a"\n',
    "formats": '#EXT-X-KEY:METHOD=S,URI="a"\n#EXT-X-KEY:METHOD=S,URI="b",KEYFORMAT="c"\n',
    "numbers": "#EXT-X-MEDIA-SEQUENCE:1",
    "zeros": "#EXT-X-BYTERANGE:0",
}


@pytest.mark.parametrize("piece", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("joined", [False, True], ids=["repeated", "its last letters repeated"])
def test_long_texts_take_no_time(piece: str, joined: bool) -> None:
    text = piece + piece[-2:] * (SIZE // 2) if joined else piece * (SIZE // len(piece))

    def parse() -> None:
        try:
            m3u8.parse(HEAD + text, URL)
        except M3U8Error as error:
            assert len(str(error)) < 500

    started = time.process_time()
    parse()
    assert time.process_time() - started < 10
