"""Streams of every kind: what is saved is decoded to what ffmpeg decodes from the playlist."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest
from support import hls
from support.files import File
from support.films import is_sound, run, streams
from support.hls import KEY, MIME, Cut, cut, decoded, encrypted, playlist, put, seconds, served
from support.loopback import Loopback, redirect, reply
from support.outcomes import fetch, leftovers

from reelin import Extractor, Network
from reelin.extractors.m3u8 import M3U8

QUICK = Network(retries=1, timeout=5)


async def saved(url: str, folder: Path, extractor: Extractor | None = None) -> Path:
    """The one file that comes of a URL; nothing else is left."""
    extractors = [extractor] if extractor else None
    report, _ = await fetch(url, folder, network=QUICK, extractors=extractors)
    assert report.ok, report.failures
    (one,) = report.saved
    assert leftovers(folder) == []
    assert sorted(each.name for each in (folder / ".reelin").iterdir()) == [
        "lock",
        "manifest.jsonl",
    ]
    return folder / one.name


def same(path: Path, url: str, *kinds: str) -> None:
    """A file decodes to what ffmpeg decodes from a playlist."""
    for kind in kinds or ("v", "a"):
        assert decoded(path, kind) == decoded(url, kind), kind
    assert is_sound(path)


# Containers


async def test_mpeg_ts(server: Loopback, ts: Cut, tmp_path: Path) -> None:
    url = served(server, "clip", ts)
    path = await saved(url, tmp_path)
    assert path.name == "film.mp4" and streams(path) == ["Video", "Audio"]
    same(path, url)
    assert seconds(path) == pytest.approx(hls.SECONDS, abs=0.1)


async def test_fragmented_mp4(server: Loopback, fmp4: Cut, tmp_path: Path) -> None:
    url = served(server, "clip", fmp4, kind="m4s")
    path = await saved(url, tmp_path)
    same(path, url)
    assert seconds(path) == pytest.approx(hls.SECONDS, abs=0.1)


@pytest.mark.parametrize(("kind", "name"), [("aac", "film.m4a"), ("mp3", "film.mp3")])
async def test_packed_audio(
    server: Loopback, film: Path, tmp_path: Path, kind: str, name: str
) -> None:
    url = served(server, "song", cut(film, kind), kind=kind)
    path = await saved(url, tmp_path)
    assert path.name == name
    # What MP3 begins with depends on the frame that tells of its length.
    assert decoded(path, "a")[1:] == decoded(url, "a")[1:]
    assert is_sound(path)
    assert streams(path) == ["Audio"]


@pytest.mark.parametrize("kind", ["mp4", "bin", "m4s"])
@pytest.mark.parametrize("flags", ["", "-movflags +frag_keyframe+empty_moov+default_base_moof"])
async def test_whole_files_as_segments(
    server: Loopback, media: Path, tmp_path: Path, flags: str, kind: str
) -> None:
    """Without a map each file describes its own tracks: all of them are in what is saved."""
    bodies = []
    for at in range(3):
        source = hls.film(media, f"part{at}", tone=440 + at)
        whole = source.with_name(f"{at}{kind}{'f' * bool(flags)}.mp4")
        run(media, f"-i {source.name} -c copy {flags} {whole.name}")
        bodies.append(whole.read_bytes())
    lines = [f"#EXTINF:4,\n{path}" for path in put(server, "x", bodies, kind)]
    lines.insert(1, f"#EXT-X-GAP\n#EXTINF:4,\n/x/gap.{kind}")
    url = server.on("/x/film.m3u8", reply(200, playlist(*lines), MIME))
    path = await saved(url, tmp_path)
    assert hls.frames(path) == 3 * hls.SECONDS * 10 and streams(path) == ["Video", "Audio"]


async def test_sound_in_mpeg_ts(server: Loopback, film: Path, tmp_path: Path) -> None:
    served(server, "song", cut(film, "ts", "-map 0:a"))
    lines = '#EXT-X-STREAM-INF:BANDWIDTH=64000,CODECS="mp4a.40.2"\n/song/film.m3u8'
    url = server.on("/radio.m3u8", reply(200, f"#EXTM3U\n{lines}\n".encode(), MIME))
    path = await saved(url, tmp_path)
    assert path.name == "radio.m4a" and streams(path) == ["Audio"]
    same(path, server.url("/song/film.m3u8"), "a")


# Encryption


@pytest.mark.parametrize(
    ("tag", "sequence", "iv"),
    [
        (",IV=0x000102030405060708090a0b0c0d0e0f", 0, [KEY] * 4),
        ("", 0, [0, 1, 2, 3]),
        ("", 70_000, [70_000, 70_001, 70_002, 70_003]),
    ],
)
async def test_the_three_forms_of_iv(
    server: Loopback, ts: Cut, tmp_path: Path, tag: str, sequence: int, iv: list[Any]
) -> None:
    server.on("/key", reply(200, KEY))
    bodies = [encrypted(body, vector) for body, vector in zip(ts.segments, iv, strict=True)]
    key = f'#EXT-X-KEY:METHOD=AES-128,URI="/key"{tag}'
    lines = [key, *ts.lines(*put(server, "x", bodies))]
    url = server.on("/x/film.m3u8", reply(200, playlist(*lines, sequence=sequence), MIME))
    path = await saved(url, tmp_path)
    same(path, served(server, "plain", ts))
    same(path, url)
    assert len(hls.ours(server, "/key")) == 1


async def test_keys_change_and_end(server: Loopback, ts: Cut, tmp_path: Path) -> None:
    other = bytes(reversed(KEY))
    server.on("/1", reply(200, KEY))
    server.on("/2", reply(200, other))
    bodies = [
        encrypted(ts.segments[0], 0),
        encrypted(ts.segments[1], 1, other),
        ts.segments[2],
        encrypted(ts.segments[3], 3),
    ]
    first, second, third, fourth = ts.lines(*put(server, "x", bodies))
    lines = [
        '#EXT-X-KEY:METHOD=AES-128,URI="/1"',
        first,
        '#EXT-X-KEY:METHOD=AES-128,URI="/2"',
        second,
        "#EXT-X-KEY:METHOD=NONE",
        third,
        '#EXT-X-KEY:METHOD=AES-128,URI="/1"',
        fourth,
    ]
    url = server.on("/x/film.m3u8", reply(200, playlist(*lines), MIME))
    same(await saved(url, tmp_path), served(server, "plain", ts))
    assert len(server.asked("/1")) == len(server.asked("/2")) == 1


@pytest.mark.parametrize("iv", [KEY, 5])
async def test_an_encrypted_map(
    server: Loopback, fmp4: Cut, tmp_path: Path, iv: bytes | int
) -> None:
    server.on("/key", reply(200, KEY))
    server.on("/x/init.mp4", File(encrypted(fmp4.init, iv)))
    vectors = [iv] * 4 if isinstance(iv, bytes) else range(iv, iv + 4)
    bodies = [encrypted(body, each) for body, each in zip(fmp4.segments, vectors, strict=True)]
    said = f",IV=0x{iv.hex()}" if isinstance(iv, bytes) else ""
    lines = [
        f'#EXT-X-KEY:METHOD=AES-128,URI="/key"{said}',
        '#EXT-X-MAP:URI="/x/init.mp4"',
        *fmp4.lines(*put(server, "x", bodies, "m4s")),
    ]
    url = server.on("/x/film.m3u8", reply(200, playlist(*lines, sequence=5), MIME))
    same(await saved(url, tmp_path), served(server, "plain", fmp4, kind="m4s"))


async def test_a_key_in_the_playlist(server: Loopback, ts: Cut, tmp_path: Path) -> None:
    bodies = [encrypted(body, at) for at, body in enumerate(ts.segments)]
    key = '#EXT-X-KEY:METHOD=AES-128,URI="data:text/plain;base64,AAECAwQFBgcICQoLDA0ODw=="'
    url = served(server, "x", Cut(tuple(bodies), ts.durations), key)
    same(await saved(url, tmp_path), served(server, "plain", ts))


# Ranges


@pytest.mark.parametrize("knows_ranges", [True, False])
@pytest.mark.parametrize("explicit", [True, False])
async def test_byte_ranges(
    server: Loopback, fmp4: Cut, tmp_path: Path, knows_ranges: bool, explicit: bool
) -> None:
    whole = fmp4.init + b"".join(fmp4.segments)
    server.on("/all.mp4", File(whole) if knows_ranges else hls.unranged(whole))
    lines, start = [f'#EXT-X-MAP:URI="/all.mp4",BYTERANGE="{len(fmp4.init)}@0"'], len(fmp4.init)
    for number, body in enumerate(fmp4.segments):
        at = f"@{start}" if explicit or not number else ""
        lines += [f"#EXTINF:{fmp4.durations[number]},", f"#EXT-X-BYTERANGE:{len(body)}{at}"]
        lines.append("/all.mp4")
        start += len(body)
    url = server.on("/ranges.m3u8", reply(200, playlist(*lines), MIME))
    same(await saved(url, tmp_path), served(server, "plain", fmp4, kind="m4s"))


async def test_encrypted_byte_ranges(server: Loopback, ts: Cut, tmp_path: Path) -> None:
    server.on("/key", reply(200, KEY))
    bodies = [encrypted(body, at) for at, body in enumerate(ts.segments)]
    server.on("/all.ts", File(b"".join(bodies)))
    lines = ['#EXT-X-KEY:METHOD=AES-128,URI="/key"']
    for seconds_, body in zip(ts.durations, bodies, strict=True):
        lines += [f"#EXTINF:{seconds_},", f"#EXT-X-BYTERANGE:{len(body)}", "/all.ts"]
    url = server.on("/ranges.m3u8", reply(200, playlist(*lines), MIME))
    same(await saved(url, tmp_path), served(server, "plain", ts))


# Multivariant playlists


def master(server: Loopback, *lines: str, path: str = "/master.m3u8") -> str:
    return server.on(path, reply(200, "\n".join(["#EXTM3U", *lines, ""]).encode(), MIME))


async def test_the_best_variant(server: Loopback, media: Path, ts: Cut, tmp_path: Path) -> None:
    small = cut(hls.film(media, "small", "64x36"), "ts")
    served(server, "low", small)
    served(server, "high", ts)
    url = master(
        server,
        "#EXT-X-STREAM-INF:BANDWIDTH=90000,RESOLUTION=64x36",
        "low/film.m3u8",
        "#EXT-X-STREAM-INF:BANDWIDTH=900000,RESOLUTION=128x72",
        "high/film.m3u8",
    )
    same(await saved(url, tmp_path), server.url("/high/film.m3u8"))


@pytest.mark.parametrize(("audio", "wanted"), [("", "de"), ("en", "en"), ("Deutsch", "de")])
async def test_sound_of_two_languages(
    server: Loopback, media: Path, film: Path, tmp_path: Path, audio: str, wanted: str
) -> None:
    other = hls.film(media, "other", tone=880)
    served(server, "pictures", cut(film, "m4s", "-map 0:v"), kind="m4s")
    served(server, "en", cut(film, "m4s", "-map 0:a"), kind="m4s")
    served(server, "de", cut(other, "m4s", "-map 0:a"), kind="m4s")
    url = master(
        server,
        '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="English",LANGUAGE="en",URI="en/film.m3u8"',
        '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="Deutsch",LANGUAGE="de",DEFAULT=YES'
        ',URI="de/film.m3u8"',
        '#EXT-X-STREAM-INF:BANDWIDTH=90000,RESOLUTION=128x72,AUDIO="a"',
        "pictures/film.m3u8",
    )
    path = await saved(url, tmp_path, M3U8(audio=audio))
    assert streams(path) == ["Video", "Audio"]
    assert decoded(path, "v") == decoded(server.url("/pictures/film.m3u8"), "v")
    assert decoded(path, "a") == decoded(server.url(f"/{wanted}/film.m3u8"), "a")
    assert is_sound(path)


async def test_sound_in_adts_beside_mpeg_ts(server: Loopback, film: Path, tmp_path: Path) -> None:
    served(server, "pictures", cut(film, "ts", "-map 0:v"))
    served(server, "sound", cut(film, "aac"), kind="aac")
    url = master(
        server,
        '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="x",DEFAULT=YES,URI="sound/film.m3u8"',
        '#EXT-X-STREAM-INF:BANDWIDTH=90000,AUDIO="a"',
        "pictures/film.m3u8",
    )
    path = await saved(url, tmp_path)
    assert decoded(path, "v") == decoded(server.url("/pictures/film.m3u8"), "v")
    assert decoded(path, "a") == decoded(server.url("/sound/film.m3u8"), "a")


async def test_subtitles(server: Loopback, ts: Cut, tmp_path: Path) -> None:
    served(server, "pictures", ts)
    first = b"WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:126000,LOCAL:00:00:00.000\n\n00:00.500 --> 00:01.000\nOne\n"
    later = first.replace(b"00:00.500 --> 00:01.000\nOne", b"00:02.500 --> 00:03.000\nTwo")
    text = Cut((first, later), ("2", "2"))
    served(server, "text", text, kind="vtt")
    url = master(
        server,
        '#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="t",NAME="English",LANGUAGE="en",URI="text/film.m3u8"',
        '#EXT-X-STREAM-INF:BANDWIDTH=90000,RESOLUTION=128x72,SUBTITLES="t"',
        "pictures/film.m3u8",
    )
    path = await saved(url, tmp_path, M3U8(subtitles="en"))
    assert streams(path) == ["Video", "Audio", "Subtitle"]
    same(path, server.url("/pictures/film.m3u8"))
    shown = hls.subtitles(path)
    assert "One" in shown and "Two" in shown and "00:00:02" in shown


async def test_without_a_wish_no_subtitles(server: Loopback, ts: Cut, tmp_path: Path) -> None:
    served(server, "pictures", ts)
    url = master(
        server,
        '#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="t",NAME="English",URI="text/film.m3u8"',
        '#EXT-X-STREAM-INF:BANDWIDTH=90000,SUBTITLES="t"',
        "pictures/film.m3u8",
    )
    assert streams(await saved(url, tmp_path)) == ["Video", "Audio"]


@pytest.mark.parametrize("kind", ["ts", "m4s"])
async def test_mirrors_take_over(
    server: Loopback, ts: Cut, fmp4: Cut, tmp_path: Path, kind: str
) -> None:
    made = ts if kind == "ts" else fmp4
    served(server, "one", made, kind=kind)
    served(server, "two", made, kind=kind)
    server.on(f"/one/2.{kind}", reply(404))
    server.on("/one/init.mp4", reply(404))
    url = master(
        server,
        "#EXT-X-STREAM-INF:BANDWIDTH=90000,RESOLUTION=128x72",
        "one/film.m3u8",
        "#EXT-X-STREAM-INF:BANDWIDTH=90000,RESOLUTION=128x72",
        "two/film.m3u8",
    )
    same(await saved(url, tmp_path), server.url("/two/film.m3u8"))
    assert len(hls.ours(server, f"/two/2.{kind}")) == 1
    assert hls.ours(server, f"/two/1.{kind}") == []


@pytest.mark.parametrize("broken", [404, 200])
async def test_the_playlist_of_a_mirror(
    server: Loopback, ts: Cut, tmp_path: Path, broken: int
) -> None:
    server.on("/one/film.m3u8", reply(broken, b"<html>log in", "text/html"))
    served(server, "two", ts)
    url = master(
        server,
        "#EXT-X-STREAM-INF:BANDWIDTH=90000\none/film.m3u8",
        "#EXT-X-STREAM-INF:BANDWIDTH=90000\ntwo/film.m3u8",
    )
    same(await saved(url, tmp_path), server.url("/two/film.m3u8"))


async def test_variables(server: Loopback, ts: Cut, tmp_path: Path) -> None:
    put(server, "x", ts.segments)
    lines = ['#EXT-X-DEFINE:IMPORT="folder"', '#EXT-X-DEFINE:QUERYPARAM="token"']
    names = [f"/{{$folder}}/{at}.ts?token={{$token}}" for at in range(4)]
    for at, body in enumerate(ts.segments):
        server.on(f"/x/{at}.ts?token=abc", File(body))
    body = playlist(*lines, *ts.lines(*names), version=11)
    for each in ("one", "two"):
        server.on(f"/{each}.m3u8?token=abc", reply(200, body, MIME))
    url = master(
        server,
        '#EXT-X-DEFINE:NAME="folder",VALUE="x"',
        "#EXT-X-STREAM-INF:BANDWIDTH=90000\none.m3u8?token=abc",
        "#EXT-X-STREAM-INF:BANDWIDTH=90000\ntwo.m3u8?token=abc",
    )
    server.on("/x/1.ts?token=abc", reply(404), File(ts.segments[1]))
    same(await saved(url, tmp_path), served(server, "plain", ts))


# Discontinuities


async def test_other_sizes_after_a_discontinuity(
    server: Loopback, media: Path, ts: Cut, tmp_path: Path
) -> None:
    advert = cut(hls.film(media, "advert", "160x90", 880), "ts")
    lines = [
        *ts.lines(*put(server, "film", ts.segments)),
        "#EXT-X-DISCONTINUITY",
        *advert.lines(*put(server, "advert", advert.segments)),
    ]
    url = server.on("/both.m3u8", reply(200, playlist(*lines), MIME))
    path = await saved(url, tmp_path)
    assert seconds(path) == pytest.approx(2 * hls.SECONDS, abs=0.3)
    parts = [served(server, "1", ts), served(server, "2", advert)]
    assert hls.frames(path) == sum(hls.frames(each) for each in parts)
    assert decoded(path, "v")[:40] == decoded(parts[0], "v")


@pytest.mark.parametrize("kind", ["ts", "m4s"])
async def test_sound_of_another_rate_after_a_discontinuity(
    server: Loopback, media: Path, tmp_path: Path, kind: str
) -> None:
    films = [hls.film(media, f"rate{rate}", rate=rate) for rate in (44100, 48000)]
    parts = [cut(each, kind) for each in films]
    lines = []
    for at, each in enumerate(parts):
        lines += ["#EXT-X-DISCONTINUITY"] if at else []
        if each.init:
            server.on(f"/{at}.mp4", File(each.init))
            lines.append(f'#EXT-X-MAP:URI="/{at}.mp4"')
        lines += each.lines(*put(server, f"{at}", each.segments, kind))
    url = server.on("/both.m3u8", reply(200, playlist(*lines), MIME))
    path = await saved(url, tmp_path)
    assert path.name == "both.ts", "MP4 cannot hold both"
    assert seconds(path) == pytest.approx(2 * hls.SECONDS, abs=0.3)
    assert hls.frames(path) == 2 * 10 * hls.SECONDS
    run(tmp_path, f"-i {path} -vn heard.wav")
    assert seconds(tmp_path / "heard.wav") == pytest.approx(2 * hls.SECONDS, abs=0.1)


async def test_several_maps(server: Loopback, media: Path, fmp4: Cut, tmp_path: Path) -> None:
    advert = cut(hls.film(media, "advert", "160x90", 880), "m4s")
    server.on("/1.mp4", File(fmp4.init))
    server.on("/2.mp4", File(advert.init))
    lines = [
        '#EXT-X-MAP:URI="/1.mp4"',
        *fmp4.lines(*put(server, "film", fmp4.segments, "m4s")),
        "#EXT-X-DISCONTINUITY",
        '#EXT-X-MAP:URI="/2.mp4"',
        *advert.lines(*put(server, "advert", advert.segments, "m4s")),
        "#EXT-X-DISCONTINUITY",
        '#EXT-X-MAP:URI="/1.mp4"',
        *fmp4.lines(*put(server, "again", fmp4.segments, "m4s")),
    ]
    url = server.on("/three.m3u8", reply(200, playlist(*lines), MIME))
    path = await saved(url, tmp_path)
    assert seconds(path) == pytest.approx(3 * hls.SECONDS, abs=0.4)
    assert hls.frames(path) == 3 * 10 * hls.SECONDS
    assert len(server.asked("/1.mp4")) == 1


async def test_gaps_are_left_out(server: Loopback, ts: Cut, tmp_path: Path) -> None:
    first, second, third, fourth = ts.lines(*put(server, "x", ts.segments))
    lines = [first, f"#EXT-X-GAP\n{second}", third, fourth]
    url = server.on("/gap.m3u8", reply(200, playlist(*lines, version=8), MIME))
    path = await saved(url, tmp_path)
    assert server.asked("/x/1.ts") == []
    assert hls.frames(path) == 30


# Names, types and addresses


@pytest.mark.parametrize("mime", ["text/plain", "application/octet-stream", MIME, "video/mp4", ""])
async def test_a_playlist_under_any_name(
    server: Loopback, ts: Cut, tmp_path: Path, mime: str
) -> None:
    lines = playlist(*ts.lines(*put(server, "x", ts.segments)))
    url = server.on("/stream?id=1", reply(200, lines, mime))
    same(await saved(url, tmp_path), served(server, "plain", ts))


async def test_a_gzipped_playlist(server: Loopback, ts: Cut, tmp_path: Path) -> None:
    lines = gzip.compress(playlist(*ts.lines(*put(server, "x", ts.segments))))
    url = server.on("/zip.m3u8", reply(200, lines, MIME, Content_Encoding="gzip"))
    same(await saved(url, tmp_path), served(server, "plain", ts))


async def test_redirects(server: Loopback, ts: Cut, tmp_path: Path) -> None:
    put(server, "x", ts.segments)
    server.on("/x/1.ts", redirect("/elsewhere.ts"))
    server.on("/elsewhere.ts", File(ts.segments[1]))
    server.on("/x/real.m3u8", reply(200, playlist(*ts.lines("0.ts", "1.ts", "2.ts", "3.ts")), MIME))
    url = server.on("/short.m3u8", redirect("/x/real.m3u8"))
    same(await saved(url, tmp_path), served(server, "plain", ts))


async def test_nested_tokens(server: Loopback, ts: Cut, tmp_path: Path) -> None:
    token = "t=a%2Fb%3D%3D&u=https://x.example/?y=1"
    for at, body in enumerate(ts.segments):
        server.on(f"/x/{at}.ts?{token}&n={at}", File(body))
    names = [f"{at}.ts?{token}&n={at}" for at in range(4)]
    server.on(f"/x/v.m3u8?{token}", reply(200, playlist(*ts.lines(*names)), MIME))
    url = master(
        server, f"#EXT-X-STREAM-INF:BANDWIDTH=1\nx/v.m3u8?{token}", path=f"/m.m3u8?{token}"
    )
    same(await saved(url, tmp_path), served(server, "plain", ts))


async def test_odd_writing(server: Loopback, ts: Cut, tmp_path: Path) -> None:
    put(server, "x", ts.segments)
    names = [f"//127.0.0.1:{server.port}/x/0.ts", server.url("/x/1.ts"), "../x/2.ts", "/x/3.ts"]
    text = b"\xef\xbb\xbf" + playlist(*ts.lines(*names)).replace(b"\n", b"\r\n").replace(b",", b"")
    url = server.on("/y/odd.m3u8", reply(200, text, MIME))
    same(await saved(url, tmp_path), served(server, "plain", ts))
