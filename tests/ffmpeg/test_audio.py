"""Sound of another kind: what it becomes, what is copied, its tags and its cover."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

import pytest
from support.media import ffmpeg as run
from support.media import frames, make, said, samples

from reelin import Audio, ConvertError, MediaItem, UsageError
from reelin.media.ffmpeg import Ffmpeg, Input
from reelin.media.ffmpeg.audio import Tags, takes_cover, transcode
from reelin.model.audio import AudioFormat, AudioQuality

ITEM = MediaItem(
    "https://example.com/a",
    title="Ünï; =x\n\ud800",
    artist="An Artist",
    album="An Album",
    position=3,
    total=12,
    date=datetime(2026, 1, 31, tzinfo=UTC),
)
CODECS = {"mp3": "mp3", "m4a": "aac", "wav": "pcm_s16le", "flac": "flac", "opus": "opus"}
FORMATS: tuple[AudioFormat, ...] = get_args(AudioFormat)
QUALITIES: tuple[AudioQuality, ...] = get_args(AudioQuality)


async def made(ffmpeg: Ffmpeg, source: Path, wish: Audio, **more: object) -> Path:
    out = source.with_name(f"out.{wish.format}")
    media = await ffmpeg.probe(Input(source))
    await transcode(ffmpeg, source, media, out, wish, **more)  # type: ignore[arg-type]
    return out


@pytest.mark.parametrize("format", FORMATS)
async def test_every_quality_of_every_kind(
    format: AudioFormat, ffmpeg: Ffmpeg, tmp_path: Path
) -> None:
    source = make(tmp_path / "a.mp4", "-c:v mpeg4 -c:a ac3", seconds=3)
    sizes = {}
    for quality in QUALITIES:
        out = await made(ffmpeg, source, Audio(format, quality), tags=Tags.from_item(ITEM))
        media = await ffmpeg.probe(Input(out))
        (stream,) = media.streams
        assert stream.codec == CODECS[format]
        assert media.duration == pytest.approx(3, abs=0.15)
        sizes[quality] = out.stat().st_size
        shown = said(out)
        for name, value in (("title", "Ünï; =x"), ("artist", "An Artist"), ("album", "An Album")):
            assert f"{name:16}: {value}" in shown or f"{name.upper():16}: {value}" in shown, shown
        assert "3/12" in shown or (format == "wav" and ": 3" in shown)
        assert "2026" in shown
    assert (sizes["worst"] < sizes["best"]) is (format not in ("wav", "flac"))
    assert sizes["128k"] <= sizes["192k"] <= sizes["320k"]


@pytest.mark.parametrize(
    ("name", "codecs", "format"),
    [
        ("a.mp3", "-c:a libmp3lame -b:a 96k", "mp3"),
        ("a.mp4", "-c:v mpeg4 -c:a aac", "m4a"),
        ("a.aac", "-c:a aac", "m4a"),
        ("a.ts", "-c:v mpeg4 -c:a aac", "m4a"),
        ("a.webm", "-c:v libvpx -c:a libopus", "opus"),
        ("a.mka", "-c:a flac", "flac"),
        ("a.wav", "-c:a pcm_s24le", "wav"),
    ],
)
async def test_what_is_of_that_kind_already_is_copied(
    name: str, codecs: str, format: AudioFormat, ffmpeg: Ffmpeg, tmp_path: Path
) -> None:
    source = make(tmp_path / name, codecs, pictures="-c:v" in codecs)
    out = await made(ffmpeg, source, Audio(format), tags=Tags.from_item(ITEM))
    packets = [
        run(["-i", each, "-map", "0:a", "-c", "copy", "-f", "framemd5", "-"])
        for each in (source, out)
    ]
    was, now = (
        [line.split(",")[5] for line in each.splitlines() if line[0] != "#"] for each in packets
    )
    assert was == now or samples(source) == samples(out)  # ADTS has headers
    assert "An Artist" in said(out)


async def test_a_rate_is_only_ever_lowered(ffmpeg: Ffmpeg, tmp_path: Path) -> None:
    source = make(tmp_path / "a.mp3", "-c:a libmp3lame -b:a 160k", pictures=False)
    higher = await made(ffmpeg, source, Audio("mp3", "192k"))
    assert samples(higher) == samples(source)
    lower = await ffmpeg.probe(Input(await made(ffmpeg, source, Audio("mp3", "128k"))))
    assert lower.streams[0].bitrate == pytest.approx(128, abs=4)


async def test_what_loses_nothing_keeps_every_sample(ffmpeg: Ffmpeg, tmp_path: Path) -> None:
    deep = make(tmp_path / "deep.wav", "-af volume=0.3 -c:a pcm_s24le", pictures=False)
    flat = make(tmp_path / "flat.wav", "-c:a pcm_s16le", pictures=False)
    for source, shown in ((deep, "s32 (24 bit)"), (flat, "s16")):
        out = await made(ffmpeg, source, Audio("flac"))
        assert frames(out, "0:a") and shown in said(out)
        assert run(["-i", out, "-f", "s32le", "-f", "md5", "-"]) == run(
            ["-i", source, "-f", "s32le", "-f", "md5", "-"]
        )
        assert samples(await made(ffmpeg, out, Audio("wav"))) == samples(source)


@pytest.mark.parametrize("format", FORMATS)
async def test_many_channels_and_high_rates(
    format: AudioFormat, ffmpeg: Ffmpeg, tmp_path: Path
) -> None:
    around = "-af aformat=channel_layouts=5.1(side) -c:a ac3 -ar 48000"
    for source in (
        make(tmp_path / "around.mka", around, pictures=False),
        make(tmp_path / "high.wav", "-ar 192000", pictures=False),
        make(tmp_path / "low.wav", "-ar 8000", pictures=False),
    ):
        media = await ffmpeg.probe(Input(await made(ffmpeg, source, Audio(format))))
        assert media.duration == pytest.approx(2, abs=0.2)


def picture(folder: Path, name: str) -> bytes:
    run("-f lavfi -i testsrc2=size=64x64 -frames:v 1".split(), [folder / name])
    return (folder / name).read_bytes()


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("kind", ["jpg", "png", "webp"])
async def test_a_cover(kind: str, format: AudioFormat, ffmpeg: Ffmpeg, tmp_path: Path) -> None:
    source, wish = make(tmp_path / "a.ogg", "-c:a libvorbis", pictures=False), Audio(format)
    out = await made(ffmpeg, source, wish, cover=picture(tmp_path, f"cover.{kind}"))
    media = await ffmpeg.probe(Input(out))
    assert (
        len(media.covers)
        == (format in ("mp3", "m4a", "flac"))
        == takes_cover(await ffmpeg.probe(Input(source)), wish)
    )
    assert media.duration == pytest.approx(2, abs=0.15)
    if media.covers:
        assert not takes_cover(media, wish)
        if kind != "webp":
            assert frames(out, "0:v") == frames(tmp_path / f"cover.{kind}")
        again = await made(ffmpeg, out.rename(tmp_path / f"with.{format}"), Audio("mp3", "128k"))
        assert (await ffmpeg.probe(Input(again))).covers


@pytest.mark.parametrize(
    "cover", [b"", b"<html>", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\nno", b"\0" * 99]
)
async def test_what_is_no_cover_is_left_out(cover: bytes, ffmpeg: Ffmpeg, tmp_path: Path) -> None:
    source = make(tmp_path / "a.wav", "", pictures=False)
    out = await made(ffmpeg, source, Audio("mp3"), cover=cover)
    assert not (await ffmpeg.probe(Input(out))).covers and len(samples(out)) > 100_000


async def test_no_sound_in_it(ffmpeg: Ffmpeg, tmp_path: Path) -> None:
    source = make(tmp_path / "a.mp4", "-c:v mpeg4", sound=False)
    with pytest.raises(ConvertError, match="there is no audio in it"):
        await made(ffmpeg, source, Audio("mp3"))


async def test_half_a_file_is_not_taken_for_the_whole(ffmpeg: Ffmpeg, tmp_path: Path) -> None:
    whole = make(tmp_path / "a.mp4", "-c:v mpeg4 -c:a aac -movflags +faststart", seconds=10)
    half = tmp_path / "half.mp4"
    half.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    with pytest.raises(ConvertError, match=r"of 10\.\d s were made"):
        await made(ffmpeg, half, Audio("mp3"))


def test_kinds_that_there_are_not() -> None:
    for words in (("ogg", "best"), ("mp3", "100k"), ("mp3", "")):
        with pytest.raises(UsageError, match="is no kind of audio; there are"):
            Audio(*words)  # type: ignore[arg-type]
    assert Audio.of("webm", "best") is None
    assert Audio.of("mp3", "720p") == Audio("mp3") and str(Audio("wav", "128k")) == "wav 128k"
