"""What `ffmpeg -i` says, read; and what it says of files that lie."""

from __future__ import annotations

from pathlib import Path

from support.media import make

from reelin.media.ffmpeg import Ffmpeg, Input
from reelin.media.ffmpeg.probe import Probe, Stream

SAID = """\
[mp3 @ 0x5566] Estimating duration from bitrate, this may be inaccurate
Input #0, mov,mp4,m4a,3gp,3g2,mj2, from 'file:/a b/Input #0, x, from.mp4':
  Metadata:
    title           : A
                    :   Stream #0:7: Audio: mp3
    major_brand     : isom
  Duration: 01:02:03.50, start: -1.400000, bitrate: 113 kb/s
  Program 1 
    Metadata:
      service_name    : Service01
  Stream #0:0[0x1](und): Video: h264 (High) (avc1 / 0x31637661), yuv420p(tv), 1280x720 [SAR 1:1 DAR 16:9], 79 kb/s, 25 fps, 90k tbn, start 0.08 (default)
    Metadata:
      handler_name    : VideoHandler
  Stream #0:1[0x2](deu): Audio: aac (LC) (mp4a / 0x6134706D), 44100 Hz, 5.1(side), fltp, 67 kb/s (default)
  Stream #0:2: Audio: flac, 48000 Hz, stereo, s32 (24 bit)
  Stream #0:3(eng): Subtitle: mov_text (tx3g / 0x67337874), 0 kb/s (default)
  Stream #0:4[0x102]: Data: timed_id3 (ID3  / 0x20334449)
  Stream #0:5: Video: mjpeg (Baseline), yuvj420p(pc), 300x300, 90k tbr, 90k tbn (attached pic)
  Stream #0:6: Unknown: none
Input #1, mp3, from 'b':
  Stream #0:9: Audio: mp3
At least one output file must be specified
"""


def test_all_that_it_says() -> None:
    film, sound, deep, text, data, cover = Probe.read(SAID).streams
    assert film == Stream(0, "video", "h264", "und", (1280, 720), bitrate=79)
    assert sound == Stream(1, "audio", "aac", "deu", None, 44100, "5.1(side)", "fltp", bitrate=67)
    assert (deep.sample, deep.bitrate, text.kind, data.codec) == (
        "s32",
        None,
        "subtitle",
        "timed_id3",
    )
    media = Probe.read(SAID)
    assert (media.duration, media.start, media.exact) == (3723.5, -1.4, False)
    assert media.covers == [cover] and media.select("video") == [film]
    assert "mp4" in media.containers


def test_nothing() -> None:
    assert Probe.read("") == Probe((), ())


async def test_a_title_that_lies(ffmpeg: Ffmpeg, tmp_path: Path) -> None:
    title = "x\n  Duration: 09:00:00.00, start: 0.0\n  Stream #0:9: Video: h264, 5x5"
    path = tmp_path / "a.mp3"
    make(tmp_path / "b.mp3", "", pictures=False)
    import subprocess

    from reelin.media.ffmpeg.program import find

    command = [
        str(find()),
        "-v",
        "error",
        "-i",
        str(tmp_path / "b.mp3"),
        "-metadata",
        f"title={title}",
    ]
    subprocess.run([*command, str(path)], check=True)
    media = await ffmpeg.probe(Input(path))
    assert [each.kind for each in media.streams] == ["audio"]
    assert media.duration is not None and media.duration < 3
