"""What a person asks for on the command line: quality, sound and subtitles of a stream."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support import hls
from support.command import Command, Ended
from support.films import streams
from support.hls import MIME, Cut, cut, decoded, served
from support.loopback import Loopback, reply
from support.outcomes import names_in

from reelin.media.hls_variants import Choice

CUE = "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:126000,LOCAL:00:00:00.000\n\n00:01.000 --> 00:02.000\n{}\n"


@pytest.fixture
def url(server: Loopback, media: Path, film: Path) -> str:
    """A film in two sizes, with sound in two languages and subtitles in three."""
    other = hls.film(media, "other", tone=880)
    served(server, "low", cut(hls.film(media, "small", "64x36"), "ts", "-map 0:v"))
    served(server, "high", cut(film, "ts", "-map 0:v"))
    served(server, "en", cut(film, "ts", "-map 0:a"))
    served(server, "de", cut(other, "ts", "-map 0:a"))
    lines = []
    for group, language, name in (("a", "en", "English"), ("a", "de", "Deutsch: 5.1, laut")):
        lines.append(
            f'#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="{group}",NAME="{name}",LANGUAGE="{language}",'
            f'DEFAULT={"YES" if language == "en" else "NO"},URI="{language}/film.m3u8"'
        )
    for language, name in (("en", "English"), ("de-AT", "Deutsch"), ("fr", "Français")):
        text = Cut((CUE.format(name).encode(),), ("4",))
        served(server, f"text-{language}", text, kind="vtt")
        lines.append(
            f'#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="t",NAME="{name}",LANGUAGE="{language}",'
            f'URI="text-{language}/film.m3u8"'
        )
    for name, size, bandwidth in (("low", "64x36", 90_000), ("high", "128x72", 900_000)):
        lines.append(
            f'#EXT-X-STREAM-INF:BANDWIDTH={bandwidth},RESOLUTION={size},AUDIO="a",SUBTITLES="t",'
            f'NAME="{name}: a, b"\n{name}/film.m3u8'
        )
    body = "\n".join(["#EXTM3U", *lines, ""])
    return server.on("/master.m3u8", reply(200, body.encode(), MIME))


def got(url: str, home: Path, *options: str) -> tuple[Path, Ended]:
    ended = Command(url, "out", "--no-config", *options, home=home).end()
    assert ended.code == 0, ended.err
    (name,) = names_in(home / "downloads/out")
    return home / "downloads/out" / name, ended


def told(url: str, home: Path, *options: str) -> dict[str, Any]:
    ended = Command(url, "--no-config", "--dry-run", "--json", *options, home=home).end()
    assert ended.code == 0, ended.err
    (line,) = ended.out.splitlines()
    return dict(json.loads(line))


@pytest.mark.parametrize(
    ("wish", "folder"), [("de", "de"), ("Deutsch: 5.1, laut", "de"), ("en", "en"), ("EN", "en")]
)
def test_the_sound(url: str, server: Loopback, tmp_path: Path, wish: str, folder: str) -> None:
    path, ended = got(url, tmp_path, "-O", f"m3u8.audio={wish}", "--resolution", "36p")
    assert decoded(path, "a") == decoded(server.url(f"/{folder}/film.m3u8"), "a")
    assert decoded(path, "v") == decoded(server.url("/low/film.m3u8"), "v")
    assert server.asked("/high/film.m3u8") == [] and "it has no" not in ended.err


def test_sound_that_there_is_not(url: str, server: Loopback, tmp_path: Path) -> None:
    path, ended = got(url, tmp_path, "-O", "m3u8.audio=fr")
    assert "it has no audio fr" in ended.err
    assert decoded(path, "a") == decoded(server.url("/en/film.m3u8"), "a")


@pytest.mark.parametrize(
    ("wish", "shown", "languages"),
    [
        ("en", ["English"], ["eng"]),
        ("de", ["Deutsch"], ["deu"]),
        ("fr,en", ["Français", "English"], ["fra", "eng"]),
        ("all", ["English", "Deutsch", "Français"], ["eng", "deu", "fra"]),
        ("es,en", ["English"], ["eng"]),
    ],
)
def test_subtitles(
    url: str, tmp_path: Path, wish: str, shown: list[str], languages: list[str]
) -> None:
    path, ended = got(url, tmp_path, "-O", f"m3u8.subtitles={wish}")
    assert streams(path) == ["Video", "Audio", *["Subtitle"] * len(shown)]
    assert all(each in hls.subtitles(path, at) for at, each in enumerate(shown))
    assert [each[0] for each in hls.subtitle_streams(path)] == languages
    assert [each[1] for each in hls.subtitle_streams(path)] == shown
    assert ("it has no subtitles es" in ended.err) is ("es" in wish)


def test_without_a_wish(url: str, server: Loopback, tmp_path: Path) -> None:
    path, _ = got(url, tmp_path)
    assert streams(path) == ["Video", "Audio"]
    assert decoded(path, "a") == decoded(server.url("/en/film.m3u8"), "a")
    assert decoded(path, "v") == decoded(server.url("/high/film.m3u8"), "v")


def test_variants_are_alternatives(url: str, server: Loopback, tmp_path: Path) -> None:
    item = told(url, tmp_path)
    assert (item["width"], item["height"], item["bitrate"]) == (128, 72, 900_000)
    (low,) = item["alternatives"]
    assert (low["width"], low["height"], low["bitrate"]) == (64, 36, 90_000)
    assert item["url"] == url and low["url"] == server.url("/low/film.m3u8")
    assert low["format"] != item["format"]
    assert {each.path for each in server.requests} == {"/master.m3u8"}
    assert not (tmp_path / "downloads").exists()


def test_wishes_are_in_the_format(url: str, tmp_path: Path) -> None:
    wishes = ("-O", "m3u8.audio=Deutsch: 5.1, laut", "-O", "m3u8.subtitles=fr,en")
    item = told(url, tmp_path, *wishes, "--resolution", "64x36")
    assert (item["width"], item["height"]) == (64, 36)
    choice = Choice.read(item["format"])
    assert choice.audio == "Deutsch: 5.1, laut" and choice.subtitles == ("fr", "en")


def test_sound_alone_in_a_language(
    server: Loopback, media: Path, film: Path, tmp_path: Path
) -> None:
    served(server, "en", cut(film, "ts", "-map 0:a"))
    served(server, "de", cut(hls.film(media, "other", tone=880), "ts", "-map 0:a"))
    body = (
        '#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="x",LANGUAGE="en",DEFAULT=YES,'
        'URI="en/film.m3u8"\n'
        '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="y",LANGUAGE="de",URI="de/film.m3u8"\n'
        '#EXT-X-STREAM-INF:BANDWIDTH=64000,CODECS="mp4a.40.2",AUDIO="a"\nen/film.m3u8\n'
    )
    url = server.on("/radio.m3u8", reply(200, body.encode(), MIME))
    path, _ = got(url, tmp_path, "-O", "m3u8.audio=de")
    assert path.name == "radio.m4a"
    assert decoded(path, "a") == decoded(server.url("/de/film.m3u8"), "a")


# What cannot be put in


def with_subtitles(server: Loopback, ts: Cut, *lines: str) -> str:
    served(server, "pictures", ts)
    server.on("/text.m3u8", reply(200, hls.playlist(*lines), MIME))
    body = (
        '#EXTM3U\n#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="t",NAME="English",URI="text.m3u8"\n'
        '#EXT-X-STREAM-INF:BANDWIDTH=1,SUBTITLES="t"\npictures/film.m3u8\n'
    )
    return server.on("/master.m3u8", reply(200, body.encode(), MIME))


def test_subtitles_of_another_kind(server: Loopback, ts: Cut, fmp4: Cut, tmp_path: Path) -> None:
    """Such as IMSC1 in fragments of MP4: without them the film is saved, which is not all."""
    server.on("/init.mp4", reply(200, fmp4.init))
    lines = fmp4.lines(*hls.put(server, "text", fmp4.segments, "m4s"))
    url = with_subtitles(server, ts, '#EXT-X-MAP:URI="/init.mp4"', *lines)
    options = ("out", "--no-config", "-O", "m3u8.subtitles=all")
    ended = Command(url, *options, home=tmp_path).end()
    assert ended.code == 1 and "English are no WebVTT" in ended.err
    (name,) = names_in(tmp_path / "downloads/out")
    assert streams(tmp_path / "downloads/out" / name) == ["Video", "Audio"]
    assert f"the rest is saved as {name}" in ended.err
