"""Where ffmpeg is: on the PATH, else the one that comes with the extra `ffmpeg`."""

from __future__ import annotations

import shutil


def find() -> str | None:
    """The path of ffmpeg; None where there is none."""
    found = shutil.which("ffmpeg")
    if found is not None:
        return found
    try:
        from imageio_ffmpeg import get_ffmpeg_exe

        return str(get_ffmpeg_exe())
    except (ImportError, RuntimeError):  # not installed, or without a binary for this system
        return None
