"""What is taken for a segment, what is taken from it, and what is none whatever its status says."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some
from support.hls import KEY, MIME, Cut, cut, decoded, encrypted, playlist, put, served
from support.live import recorded
from support.loopback import Loopback, reply
from support.outcomes import fetch, names_in

from reelin import FetchError, Network
from reelin.media.ffmpeg.mux_track import Takes
from reelin.transfer.hls.body import Body
from reelin.transfer.hls.check import SegmentCheck, drop_padding, drop_picture
from reelin.transfer.hls.containers import find_whole

QUICK = Network(retries=0, timeout=5)
URL = "https://a.example/1.ts"
PAT = b"\x47\x40\0\x10\0" + b"\xff" * 183
PACKET = b"\x47\x01\x01\x10" + b"\xaa" * 184


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


PNG = (
    b"\x89PNG\r\n\x1a\n"
    + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 6, 0, 0, 0))
    + chunk(b"IDAT", zlib.compress(b"\0GGGG"))
    + chunk(b"IEND", b"")
)
GIF = b"GIF89a\x01\0\x01\0\x80\0\0GGG\0\0\0!\xf9\x04\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;"
JPEG = (
    b"\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0\xff\xdb\0\x43\0" + b"G" * 64
    + b"\xff\xda\0\x08\1\1\0\0?\0" + bytes(at * at % 241 for at in range(9000)) + b"\xff\xd9"
)  # fmt: skip
BMP = (
    b"BM"
    + struct.pack("<IHHIIiiHHIIiiII", 58, 0, 0, 54, 40, 1, 1, 1, 24, 0, 4, 0, 0, 0, 0)
    + b"G" * 4
)
WEBP = b"RIFF\x1a\0\0\0WEBPVP8L\x0d\0\0\0/\0\0\0\x10\x07\x10\x11\x11\x88\x88\xfe\x07\0"


def checked(
    body: bytes, *, takes: Takes = "all", piece: int = 1 << 20, is_decrypted: bool = False
) -> bytes:
    """What is left of a segment."""
    pieces: Body = [body[at : at + piece] for at in range(0, len(body), piece)]
    SegmentCheck(takes).check(pieces, URL, 0, is_decrypted=is_decrypted)
    return b"".join(pieces)


@pytest.fixture(scope="module")
def kinds(film: Path, ts: Cut, fmp4: Cut) -> dict[str, bytes]:
    """A segment of each container."""
    packets = [ts.segments[1][at : at + 188] for at in range(0, len(ts.segments[1]), 188)]
    aac, mp3 = cut(film, "aac").segments[1], cut(film, "mp3").segments[1]
    tag = b"ID3\4\0\0\0\0\x02\0" + bytes(256)
    picture = b"ID3\4\0\0\0\x0c\0\0" + bytes(12 << 14)
    return {
        "packets": ts.segments[1],
        "packets with times": b"".join(b"\0\1\2\3" + each for each in packets),
        "packets with checksums": b"".join(each + bytes(16) for each in packets),
        "two packets": PAT + PACKET,
        "packets and a line end": ts.segments[1] + b"\r\n",
        "packets without a table": PACKET * 8,
        "boxes": fmp4.segments[1],
        "boxes without a type": fmp4.segments[1][24:],
        "a map": fmp4.init,
        "a whole file": fmp4.init + fmp4.segments[0],
        "boxes up to the end": b"\0\0\0\x08free\0\0\0\0mdat" + bytes(100),
        "a long box": b"\0\0\0\x01mdat\0\0\0\0\0\0\0\x18" + bytes(8),
        "adts": aac,
        "adts with a tag": tag + aac,
        "adts with two tags": tag * 2 + aac,
        "adts with a picture in its tag": picture + aac,
        "mp3": mp3,
        "mp3 with a tag": tag + mp3,
        "ac3": (b"\x0b\x77\0\0\x04\x40" + bytes(186)) * 3,
        "e-ac3": (b"\x0b\x77\1\x7f\x04\x80" + bytes(762)) * 3,
    }


HEADS = {
    "PNG": PNG,
    "PNG filled up": PNG + b"\xff" * (212 - len(PNG)),
    "PNG up to its first chunk": PNG[:33],
    "first bytes of a PNG": PNG[:8],
    "GIF": GIF,
    "JPEG": JPEG,
    "head of a JPEG": JPEG[:300],
    "BMP": BMP,
    "head of a BMP": BMP[:54],
    "WebP": WEBP,
    "line end": b"\r\n",
    "byte order mark": b"\xef\xbb\xbf",
    "message of a script": b"<br />\n<b>Warning</b>: Undefined variable $G in <b>/srv/G.php</b><br />\n",
}


# What is media


def test_each_container_is_taken_as_it_is(kinds: dict[str, bytes]) -> None:
    for name, body in kinds.items():
        for piece in (1 << 20, 70_000, 1000):
            assert checked(body, piece=piece) == body, (name, piece)


@pytest.mark.parametrize("head", HEADS)
def test_what_stands_before_media_is_taken_off(kinds: dict[str, bytes], head: str) -> None:
    """Whatever the pieces are in which it arrives. Audio is looked for at the end of it only."""
    before = HEADS[head]
    for name in ("packets", "packets with times", "packets with checksums", "boxes"):
        for piece in (1 << 20, 100):
            assert checked(before + kinds[name], piece=piece) == kinds[name], name


@pytest.mark.parametrize("head", ["PNG", "GIF", "JPEG", "WebP", "line end"])
def test_audio_behind_a_picture(kinds: dict[str, bytes], head: str) -> None:
    for name in ("adts", "adts with a tag", "mp3"):
        assert checked(HEADS[head] + kinds[name]) == kinds[name], name


# What is none

WRONG = {
    "one letter": b"G",
    "words": b"Gateway Timeout\n",
    "many words": b"Geo-blocked: this film is not to be seen in your country. " * 400,
    "lines as long as packets": (b"G" + b"x" * 186 + b"\n") * 40,
    "lines with digits": (b"G 00" + b"0" * 183 + b"\n") * 40,
    "nothing but G": b"G" * 20_000,
    "UTF-16": "Gone, gone, gone. ".encode("utf-16") * 200,
    "a page": b"<!doctype html><title>Sorry</title>" + b"x" * 9000,
    "a page behind a line end": b"\r\n <html><body>Sorry</body></html>" * 30,
    "JSON": b'{"code": 403, "message": "Got too many requests"}',
    "XML": b'<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>',
    "WebVTT": b"WEBVTT\n\n00:00.000 --> 00:01.000\nHello\n",
    "a playlist": b"#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\nG.ts\n",
    "a type of a box, as a word": b"All free trials are over. " * 40,
    "a box longer than the whole": b"\0\0\x10\0moof" + bytes(100),
    "boxes and words": b"\0\0\0\x08free" + b"Gone, and never seen again.",
    "a tag without frames": b"ID3\4\0\0\0\0\x02\0" + bytes(256),
    "two bytes of a frame": b"\xff\xfb" + b"\x90\x64" * 3000,
    "one frame of many": b"\xff\xf1\x50\x80\x20\x1f\xfc" + b"G" * 5000,
    "noise": bytes((at * at * 31 + at * 7) % 251 for at in range(30_000)),
    "PNG": PNG,
    "GIF": GIF,
    "a large GIF": GIF[:-1] + bytes((at * at) % 253 for at in range(6000)) + b";",
    "JPEG": JPEG,
    "BMP": BMP,
    "WebP": WEBP,
    "an icon": b"\0\0\1\0\1\0\1\1\0\0\1\0\x18\0" + bytes(100),
    "one packet of another stream": PACKET,
    "a packet and no more": PAT[:100],
}


@pytest.mark.parametrize("takes", ["all", "video", "audio"])
@pytest.mark.parametrize("name", WRONG)
def test_what_is_no_media_is_refused(name: str, takes: Takes) -> None:
    for body in (WRONG[name], b"\r\n" + WRONG[name], PNG + WRONG[name]):
        with pytest.raises(FetchError, match=r"no media|a web page"):
            checked(body, takes=takes)


@given(some.binary(max_size=3000))
def test_noise_is_refused(body: bytes) -> None:
    with pytest.raises(FetchError):
        checked(body)


@pytest.mark.parametrize("name", ["a page", "JSON", "XML", "GIF", "words"])
def test_what_is_no_text_is_no_subtitles(name: str) -> None:
    with pytest.raises(FetchError):
        checked(WRONG[name], takes="subtitles")


@pytest.mark.parametrize(
    "text", [WRONG["WebVTT"], b"", b"\n", b"\xef\xbb\xbfWEBVTT", b"<tt xmlns='x'/>", b"\0\0"]
)
def test_subtitles(text: bytes) -> None:
    assert checked(text, takes="subtitles") == text.removeprefix(b"\xef\xbb\xbf")


def test_a_track_is_of_one_container(kinds: dict[str, bytes]) -> None:
    """Only a discontinuity may change it."""
    check = SegmentCheck()
    check.check([kinds["packets"]], URL, 0)
    for other in ("adts", "mp3", "boxes", "packets with times"):
        with pytest.raises(FetchError, match="in a track of ts"):
            check.check([kinds[other]], URL, 0)
    check.check([kinds["boxes"]], URL, 1)
    check.check([kinds["packets"]], URL, 0)


# What was cut in the middle of a packet, and what was encrypted


@given(some.lists(some.integers(1, 188 * 60 - 1), max_size=3, unique=True))
def test_a_stream_that_is_cut_anywhere_is_whole_again(places: list[int]) -> None:
    whole = (PAT + PACKET * 9) * 6
    ends = [*sorted(places), len(whole)]
    check = SegmentCheck()
    written = b""
    start = 0
    for end in ends:
        if end - start < 188 * 20:
            continue
        pieces: Body = [whole[start:end]]
        before = check.check(pieces, URL, 0)
        written += b"".join(check.join(before, pieces, 0))
        start = end
    assert written == whole[:start]


def test_the_end_of_a_packet_that_nobody_began_is_left_out() -> None:
    check = SegmentCheck()
    for _ in range(2):
        pieces = [b"\x47" * 100 + PAT + PACKET * 9]
        before = check.check(pieces, URL, 0)
        assert check.join(before, pieces, 0) == [PAT + PACKET * 9]


@pytest.mark.parametrize("name", ["packets", "boxes", "adts", "mp3"])
@pytest.mark.parametrize("last", [0, 1, 2, 16, 17, 255])
@pytest.mark.parametrize("piece", [1 << 20, 48])
def test_padding(kinds: dict[str, bytes], name: str, last: int, piece: int) -> None:
    """As it should be, none at all whatever the last byte is, zeros, and wrong bytes."""
    body = kinds[name]
    if name in ("packets", "boxes"):  # whose last bytes nobody looks at
        body = body[:-2] + bytes([last]) * 2
    room = -len(body) % 16
    tails = [bytes([room or 16]) * (room or 16), bytes(room)]
    if room == 0:
        tails += [b"", b"\x10" * 7 + b"\0" + b"\x10" * 8]
    for tail in tails:
        padded = body + tail
        pieces: Body = [padded[at : at + piece] for at in range(0, len(padded), piece)]
        drop_padding(pieces, URL)
        assert b"".join(pieces) == body, tail


def test_whole_packets_without_padding(kinds: dict[str, bytes]) -> None:
    body = (PAT + PACKET * 3)[:-3] + b"\3" * 3
    pieces = [body]
    drop_padding(pieces, URL)
    assert pieces == [body]
    for cut_off in (18, 100, 150):
        with pytest.raises(FetchError, match="the key is a wrong one"):
            drop_padding([(PAT + PACKET * 9)[:-cut_off] + b"\0"], URL)


def test_what_was_decrypted_wrongly_is_not_passed_over() -> None:
    """The wrong IV spoils the first sixteen bytes."""
    with pytest.raises(FetchError, match="no media"):
        checked(bytes(range(100, 116)) + (PAT + PACKET * 20)[16:], is_decrypted=True)


def test_a_picture_before_what_is_encrypted() -> None:
    hidden = encrypted(PAT + PACKET, 1)
    for head in (PNG, GIF, JPEG):
        pieces = [head + hidden]
        drop_picture(pieces)
        assert b"".join(pieces) == hidden
    pieces = [b"BM" + hidden[2:]]
    drop_picture(pieces)
    assert len(pieces[0]) == len(hidden)


def test_the_end_of_what_is_whole() -> None:
    whole = PAT + PACKET
    assert find_whole("ts", 390, lambda at: (whole + bytes(14))[at:]) == 376


# From end to end


def wrong_one(server: Loopback, made: Cut, kind: str, body: bytes) -> str:
    url = served(server, "x", made, kind=kind)
    server.on(f"/x/2.{kind}", reply(200, body, "video/mp2t"))
    return url


@pytest.mark.parametrize("name", ["words", "GIF", "WebVTT", "JSON"])
@pytest.mark.parametrize("kind", ["ts", "m4s", "aac"])
async def test_nothing_is_saved(
    server: Loopback, film: Path, tmp_path: Path, kind: str, name: str
) -> None:
    report, _ = await fetch(
        wrong_one(server, cut(film, kind), kind, WRONG[name]), tmp_path, network=QUICK
    )
    assert report.saved == () and names_in(tmp_path) == []
    assert "no media" in report.failures[0].error


async def test_of_a_live_stream_it_is_told(server: Loopback, ts: Cut, tmp_path: Path) -> None:
    paths = put(server, "x", ts.segments)
    server.on(paths[2], reply(200, b"Gone", "video/mp2t"))
    lines = ts.lines(*paths)
    shown = [playlist("#EXT-X-PLAYLIST-TYPE:EVENT", *lines, ends=ends) for ends in (False, True)]
    url = server.on("/live.m3u8", *(reply(200, each, MIME) for each in [*shown[:1] * 2, shown[1]]))
    report = await recorded(url, tmp_path)
    assert "1 segments were gone" in report.failures[0].error


@pytest.mark.parametrize("head", ["PNG", "GIF", "byte order mark"])
async def test_segments_behind_something_else(
    server: Loopback, ts: Cut, tmp_path: Path, head: str
) -> None:
    disguised = Cut(tuple(HEADS[head] + each for each in ts.segments), ts.durations)
    report, _ = await fetch(served(server, "x", disguised), tmp_path, network=QUICK)
    saved = tmp_path / report.saved[0].name
    for kind in "va":
        assert decoded(saved, kind) == decoded(served(server, "plain", ts), kind)


async def test_a_film_cut_into_parts_of_a_size(server: Loopback, ts: Cut, tmp_path: Path) -> None:
    whole = b"".join(ts.segments)
    parts = [whole[at : at + 20_001] for at in range(0, len(whole), 20_001)]
    made = Cut(tuple(PNG + each for each in parts), ("1",) * len(parts))
    report, _ = await fetch(served(server, "x", made), tmp_path, network=QUICK)
    saved = tmp_path / report.saved[0].name
    for kind in "va":
        assert decoded(saved, kind) == decoded(served(server, "plain", ts), kind)


async def test_plain_segments_under_a_key(server: Loopback, ts: Cut, tmp_path: Path) -> None:
    """Some leave the key in force where they put in something else."""
    server.on("/key", reply(200, KEY))
    bodies = [encrypted(each, at) for at, each in enumerate(ts.segments)]
    bodies[2] = ts.segments[2]
    lines = ts.lines(*put(server, "x", bodies))
    text = playlist('#EXT-X-KEY:METHOD=AES-128,URI="/key"', *lines)
    url = server.on("/film.m3u8", reply(200, text, MIME))
    report, _ = await fetch(url, tmp_path, network=QUICK)
    saved = tmp_path / report.saved[0].name
    assert decoded(saved) == decoded(served(server, "plain", ts))
