"""Media made by real ffmpeg, and what is in them when they are decoded."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

from reelin.media.ffmpeg import find

PICTURES = "-f lavfi -i testsrc2=size={size}:rate=25:duration={seconds}"
SOUND = "-f lavfi -i sine=frequency={pitch}:duration={seconds}:sample_rate={rate}"
H264 = "-c:v libx264 -preset ultrafast -bf 2 -g 25 -pix_fmt yuv420p"


def programs() -> list[str]:
    """The ffmpegs of this machine: the one that comes with us, and the system's."""
    import imageio_ffmpeg

    own, other = str(imageio_ffmpeg.get_ffmpeg_exe()), shutil.which("ffmpeg")
    return [own, other] if other else [own]


def make(
    path: Path,
    codecs: str,
    *,
    size: str = "128x72",
    seconds: float = 2,
    pitch: int = 440,
    rate: int = 44100,
    pictures: bool = True,
    sound: bool = True,
) -> Path:
    """Make a file of pictures and a tone: `make(path, "-c:v mpeg4 -c:a aac")`."""
    inputs = [PICTURES] * pictures + [SOUND] * sound
    facts = {"size": size, "seconds": seconds, "pitch": pitch, "rate": rate}
    ffmpeg(" ".join(inputs).format(**facts).split(), codecs.split(), [path])
    return path


def ffmpeg(*arguments: list[object] | list[str]) -> str:
    """Run it; what it says on stdout."""
    words = [str(each) for several in arguments for each in several]
    command = [str(find()), "-nostdin", "-v", "error", "-y", *words]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def frames(path: Path, stream: str = "0:v:0") -> list[str]:
    """A hash of each decoded picture, or piece of sound."""
    told = ffmpeg(["-i", path, "-map", stream, "-fps_mode", "passthrough", "-f", "framemd5", "-"])
    return [line.split(",")[-1].strip() for line in told.splitlines() if line[0] != "#"]


def times(path: Path, stream: str = "0:v:0") -> list[float]:
    """When each decoded picture, or piece of sound, is played; seconds."""
    told = ffmpeg(["-i", path, "-map", stream, "-fps_mode", "passthrough", "-f", "framemd5", "-"])
    base = re.search(r"#tb 0: (\d+)/(\d+)", told)
    assert base is not None
    lines = [line for line in told.splitlines() if line[0] != "#"]
    return [int(line.split(",")[2]) * int(base[1]) / int(base[2]) for line in lines]


def samples(path: Path, stream: str = "0:a:0") -> bytes:
    """The decoded sound."""
    command = [str(find()), "-v", "error", "-i", str(path), "-map", stream, "-f", "s16le", "-"]
    return subprocess.run(command, capture_output=True, check=True).stdout


def said(path: Path) -> str:
    """What `ffmpeg -i` says of a file."""
    command = [str(find()), "-hide_banner", "-i", str(path)]
    return subprocess.run(command, capture_output=True, text=True).stderr
