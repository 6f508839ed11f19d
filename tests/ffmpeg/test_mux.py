"""Streams put together: the same pictures and the same sound come out, at the same time."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from pathlib import Path

import pytest
from support.media import H264, frames, make, said, samples, times
from support.media import ffmpeg as make_with

from reelin import ConvertError
from reelin.media.ffmpeg import Ffmpeg, Input
from reelin.media.ffmpeg.mux import mux
from reelin.media.ffmpeg.mux_track import MuxTrack

TS = f"{H264} -c:a aac -f mpegts"
FRAGMENTS = "-f mp4 -movflags +empty_moov+default_base_moof+frag_keyframe"
BLOCK = 2 * 2 * 1024  # bytes of the samples that AAC codes together, for two channels at most
FMP4 = f"{H264} -c:a aac {FRAGMENTS}"


@pytest.mark.parametrize(("codecs", "container"), [(TS, "mpegts"), (FMP4, "mp4")])
async def test_a_film(codecs: str, container: str, ffmpeg: Ffmpeg, tmp_path: Path) -> None:
    source = make(tmp_path / "film", codecs)
    out, seconds = tmp_path / "film.mp4", list[float]()
    await mux(
        ffmpeg,
        out,
        [MuxTrack((source,), container=container)],
        title="A  film\n; #=\\",
        progress=seconds.append,
    )
    assert frames(out) == frames(source)
    whole, made = samples(source), samples(out)
    # From version 9 on, ffmpeg cuts the last block of a file where its track ends.
    assert whole.startswith(made) and len(whole) - len(made) < BLOCK
    assert "title           : A film ; #=\\\n" in said(out)
    media = await ffmpeg.probe(Input(out))
    assert [each.kind for each in media.streams] == ["video", "audio"]
    assert media.duration == pytest.approx(2, abs=0.15) and seconds[-1] == pytest.approx(
        2, abs=0.15
    )
    apart, before = (times(each, "0:a:0")[0] - times(each)[0] for each in (out, source))
    assert apart == pytest.approx(before, abs=0.05)
    assert out.read_bytes().index(b"moov") < out.read_bytes().index(b"mdat")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["film", "film.mp4"]


@pytest.mark.parametrize(
    ("codecs", "container", "name"),
    [
        ("-c:a aac -f mpegts", "mpegts", "m4a"),
        ("-c:a aac -f adts", "aac", "m4a"),
        ("-c:a aac -f adts", "aac", "aac"),
        (f"-c:a aac {FRAGMENTS}", "mp4", "m4a"),
        ("-c:a libmp3lame -f mpegts", "mpegts", "mp3"),
        ("-c:a libmp3lame -f mp3", None, "mp3"),
        ("-c:a ac3 -f mpegts", "mpegts", "m4a"),
    ],
)
async def test_sound_alone(
    codecs: str, container: str | None, name: str, ffmpeg: Ffmpeg, tmp_path: Path
) -> None:
    source = make(tmp_path / "sound", codecs, pictures=False)
    out = tmp_path / ("out.aac" if name == "aac" else "out")
    out = await mux(ffmpeg, out, [MuxTrack((source,), "audio", container)])
    assert out.name == f"out.{name}"
    whole, made = samples(source), samples(out)
    assert made == whole or (made in whole and len(whole) - len(made) < 8000)  # the encoder's delay
    assert "mp42" in said(out) or "M4A" in said(out) or name != "m4a" or "ac3" in said(out)


async def test_pictures_and_sound_of_their_own_stay_together(
    ffmpeg: Ffmpeg, tmp_path: Path
) -> None:
    source = make(tmp_path / "film", TS)
    for kind, begin in (("v", "95000"), ("a", "95000.5")):
        make_with(["-i", source, "-map", f"0:{kind}", "-c", "copy", "-output_ts_offset", begin],
                  ["-muxdelay", 0, "-f", "mpegts", tmp_path / kind])  # fmt: skip
    tracks = [
        MuxTrack((tmp_path / "v",), "video", "mpegts"),
        MuxTrack((tmp_path / "a",), "audio", "mpegts", "de-AT", "Director's; comment"),
        MuxTrack((tmp_path / "a",), "audio", "mpegts", "en"),
    ]
    out = tmp_path / "out.mp4"
    await mux(ffmpeg, out, tracks)
    assert frames(out) == frames(source) and samples(out, "0:a:1") == samples(source)
    apart = times(out, "0:a:0")[0] - times(out)[0]
    before = times(source, "0:a:0")[0] - times(source)[0]
    assert apart - before == pytest.approx(0.5, abs=0.03)
    media = await ffmpeg.probe(Input(out))
    assert [each.language for each in media.select("audio")] == ["deu", "eng"]
    assert "Director's; comment" in said(out)
    assert said(out).count("(default)") == 2


SUBTITLES = """WEBVTT
X-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:{ticks}

first
00:00.500 --> 00:01.000 line:0
Hello <b>you</b>

00:01.000 --> 00:03.000
both

WEBVTT
X-TIMESTAMP-MAP=MPEGTS:{later},LOCAL:00:01:00.000

01:00.000 --> 01:02.000
both

NOTE nothing

01:01.000 --> 01:01.500
three
"""


async def test_subtitles_by_the_streams_clock(ffmpeg: Ffmpeg, tmp_path: Path) -> None:
    source = make(tmp_path / "film", TS)
    start = (await ffmpeg.probe(Input(source, "mpegts"))).start
    ticks = round(start * 90_000)
    text = tmp_path / "text"
    text.write_text(SUBTITLES.format(ticks=ticks, later=ticks + 90_000))
    out = tmp_path / "out.mp4"
    tracks = [
        MuxTrack((source,), container="mpegts"),
        MuxTrack((text,), "subtitles", None, "en", "English"),
    ]
    await mux(ffmpeg, out, tracks)
    assert frames(out) == frames(source)
    shown = make_with(["-i", out, "-map", "0:s:0", "-f", "webvtt", "-"])
    assert (
        shown.split("\n\n")[1:]
        == [
            "00:00.500 --> 00:01.000\nHello <b>you</b>",
            "00:01.000 --> 00:03.000\nboth",
            "00:02.000 --> 00:02.500\nthree\n",
        ]
        or shown.count("both") == 1
    )
    (stream,) = (await ffmpeg.probe(Input(out))).select("subtitle")
    assert (stream.codec, stream.language) == ("mov_text", "eng")


# Discontinuities


@pytest.mark.parametrize(("codecs", "container"), [(TS, "mpegts"), (FMP4, "mp4")])
async def test_parts_with_other_pictures_play_through(
    codecs: str, container: str, ffmpeg: Ffmpeg, tmp_path: Path
) -> None:
    parts = (
        make(tmp_path / "it's one", codecs),
        make(tmp_path / "two", codecs, size="192x108", seconds=3, pitch=880),
        make(tmp_path / "three", codecs, seconds=1),
    )
    out = tmp_path / "out.mp4"
    await mux(ffmpeg, out, [MuxTrack(parts, container=container)], title="Parts")
    unscaled = [frames(each) for each in parts]
    made = frames(out)
    assert len(made) == sum(map(len, unscaled)) == 150
    assert made[:50] == unscaled[0] and made[125:] == unscaled[2]  # those between are scaled
    played = times(out)
    assert all(after - before < 0.13 for before, after in pairwise(played))
    assert played == sorted(played) and played[-1] == pytest.approx(5.96, abs=0.25)
    assert (await ffmpeg.probe(Input(out))).duration == pytest.approx(6, abs=0.3)
    heard = len(samples(out)) / 2 / 44100
    assert heard == pytest.approx(6, abs=0.2)


async def test_parts_of_two_tracks_and_text(ffmpeg: Ffmpeg, tmp_path: Path) -> None:
    films = [make(tmp_path / f"v{n}", TS, sound=False, seconds=2 + n) for n in range(2)]
    sounds = [make(tmp_path / f"a{n}", TS, pictures=False, seconds=2 + n) for n in range(2)]
    texts = []
    for at, film in enumerate(films):
        ticks = round((await ffmpeg.probe(Input(film))).start * 90_000)
        header = f"WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:{ticks},LOCAL:00:00:00.000\n\n"
        (tmp_path / f"t{at}").write_text(f"{header}00:01.000 --> 00:02.000\ntext {at}\n")
        texts.append(tmp_path / f"t{at}")
    tracks = [
        MuxTrack(tuple(films), "video", "mpegts"),
        MuxTrack(tuple(sounds), "audio", "mpegts", "fr"),
        MuxTrack(tuple(texts), "subtitles", language="fr"),
    ]
    out = tmp_path / "out.mp4"
    await mux(ffmpeg, out, tracks)
    assert frames(out) == frames(films[0]) + frames(films[1])
    media = await ffmpeg.probe(Input(out))
    assert [each.language for each in media.select("audio") + media.select("subtitle")] == [
        "fra",
        "fra",
    ]
    shown = make_with(["-i", out, "-map", "0:s:0", "-f", "webvtt", "-"])
    begin = times(out)[0]  # after the sound: its clock is the same
    for cue, at in zip(shown.split("\n\n")[1:], (begin + 1, begin + 3), strict=True):
        assert float(cue[3:9]) == pytest.approx(at, abs=0.1)


async def test_sound_that_changes_is_refused_for_mp4_and_kept_as_ts(
    ffmpeg: Ffmpeg, tmp_path: Path
) -> None:
    parts = (make(tmp_path / "1", TS), make(tmp_path / "2", TS, rate=48000))
    track = MuxTrack(parts, container="mpegts")
    with pytest.raises(ConvertError, match=r"aac 44100 Hz mono, .*aac 48000 Hz mono"):
        await mux(ffmpeg, tmp_path / "out.mp4", [track])
    assert not (tmp_path / "out.mp4").exists()
    await mux(ffmpeg, tmp_path / "out.ts", [track])
    assert frames(tmp_path / "out.ts") == frames(parts[0]) + frames(parts[1])
    assert times(tmp_path / "out.ts")[-1] - times(tmp_path / "out.ts")[0] == pytest.approx(
        3.96, abs=0.1
    )


async def test_parts_with_their_streams_in_another_order(ffmpeg: Ffmpeg, tmp_path: Path) -> None:
    first, second = make(tmp_path / "1", TS), make(tmp_path / "2", TS)
    make_with(
        ["-i", second, "-map", "0:a", "-map", "0:v", "-c", "copy", "-f", "mpegts", tmp_path / "3"]
    )
    out = tmp_path / "out.mp4"
    text = MuxTrack((tmp_path / "1", tmp_path / "2"), "subtitles")
    await mux(ffmpeg, out, [MuxTrack((first, tmp_path / "3"), container="mpegts"), text])
    assert frames(out) == frames(first) + frames(second)


# What goes wrong


@pytest.mark.parametrize(
    "body",
    [
        b"<html>sorry</html>",
        b"",
        b"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nfilm\n#EXT-X-ENDLIST\n",
        b"ffconcat version 1.0\nfile film\n",
    ],
)
@pytest.mark.parametrize("container", ["mpegts", None])
async def test_what_is_no_media_is_an_error(
    body: bytes, container: str | None, ffmpeg: Ffmpeg, tmp_path: Path
) -> None:
    make(tmp_path / "film", TS)
    (tmp_path / "bad").write_bytes(body)
    with pytest.raises(ConvertError, match=r"^ffmpeg: \w"):
        await mux(
            ffmpeg, tmp_path / "out.mp4", [MuxTrack((tmp_path / "bad",), container=container)]
        )
    assert sorted(each.name for each in tmp_path.iterdir()) == ["bad", "film"]


async def test_cancelled(ffmpeg: Ffmpeg, tmp_path: Path) -> None:
    source = make(tmp_path / "film", TS, seconds=20)
    work = asyncio.create_task(mux(ffmpeg, tmp_path / "out.mp4", [MuxTrack((source,))]))
    await asyncio.sleep(0.05)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert [each.name for each in tmp_path.iterdir() if each.name.startswith("mux")] == []
