"""A site of films for a real YoutubeDL, importable in yt-dlp's own process too.

Its pages are JSON on a loopback server: `{"title": …, "formats": […]}`, with URLs as they stand
there, `{"mpd": url}`, `{"m3u8": url, "headers": {…}}`, or `{"entries": […]}`. `{"dies": true}` ends
the process that fetches.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

from yt_dlp import YoutubeDL
from yt_dlp.extractor.common import InfoExtractor

from reelin.extractors.ytdlp import Ytdlp
from reelin.media import ffmpeg
from reelin.media.ytdlp import Backend

from .loopback import Loopback, reply


class PagesIE(InfoExtractor):
    """Reads `http://127.0.0.1:…/film/…`."""

    _VALID_URL = r"http://(?:127\.0\.0\.1|[\w.]+):\d+/film/(?P<id>[\w-]+)"

    def _real_extract(self, url: str) -> Any:
        name = self._match_id(url)
        page = self._download_json(url, name)
        assert self._downloader is not None
        if page.get("dies") and "retry_sleep_functions" in self._downloader.params:
            os._exit(3)
        if "entries" in page:
            return self.playlist_result([*map(self._film, page["entries"])], name, "Films")
        return self._film({"id": name, **page})

    def _film(self, page: dict[str, Any]) -> dict[str, Any]:
        if "mpd" in page:
            page["formats"] = self._extract_mpd_formats(page.pop("mpd"), page["id"])
        if "m3u8" in page:
            headers = page.pop("headers", {})
            url = page.pop("m3u8")
            page["formats"] = self._extract_m3u8_formats(url, page["id"], "mp4", headers=headers)
            for each in page["formats"]:
                each["http_headers"] = headers
        return {"title": "Film", **page}


class Films(Backend):
    """Knows that site alone."""

    def claims(self, url: str) -> bool:
        return PagesIE.suitable(url)

    def downloader(self) -> YoutubeDL:
        ydl = super().downloader()
        ydl._ies.clear()
        ydl.add_info_extractor(PagesIE())
        return ydl


def films(**options: Any) -> Ytdlp:
    """The extractor for that site alone."""
    return Ytdlp(backend=Films(), **options)


def page(server: Loopback, name: str = "a", **film: Any) -> str:
    """Put a film on the site; its URL."""
    return server.on(f"/film/{name}", reply(200, json.dumps(film).encode(), "application/json"))


def segments(server: Loopback, *bodies: bytes, **facts: Any) -> dict[str, Any]:
    """A format in segments, which are put on the server as /segment/0 and so on."""
    urls = [server.on(f"/segment/{at}", reply(200, body)) for at, body in enumerate(bodies)]
    return in_segments(*urls, **facts)


def in_segments(*urls: str, **facts: Any) -> dict[str, Any]:
    """A format in segments at these URLs: pictures and sound in one."""
    return {
        "format_id": "parts",
        "url": urls[0],
        "ext": "webm",
        "protocol": "http_dash_segments",
        "fragments": [{"url": each} for each in urls],
        "vcodec": "vp9",
        "acodec": "opus",
        **facts,
    }


# What real ffmpeg makes

SILENT = {"format_id": "v", "ext": "mp4", "vcodec": "mp4v.20.3", "acodec": "none", "height": 72}
SOUND = {"format_id": "s", "ext": "m4a", "vcodec": "none", "acodec": "mp4a.40.2"}


def make_media(folder: Path) -> None:
    """`silent.mp4`, `sound.m4a`, and both as DASH, `film.mpd` and its segments."""
    run(folder, "-f lavfi -i testsrc=size=128x72:rate=10:duration=3 -g 10 -c:v mpeg4 silent.mp4")
    run(folder, "-f lavfi -i sine=duration=3 -c:a aac sound.m4a")
    run(folder, "-i silent.mp4 -i sound.m4a -map 0 -map 1 -c copy -f dash -seg_duration 1 film.mpd")


def streams(path: Path) -> list[str]:
    """What a file holds: Video, Audio."""
    shown = subprocess.run([str(ffmpeg.find()), "-i", path], capture_output=True, text=True)
    return re.findall(r"Stream #\S+ (\w+):", shown.stderr)


def is_sound(path: Path) -> bool:
    """Whether a file can be decoded from its beginning to its end."""
    command = [str(ffmpeg.find()), "-v", "error", "-xerror", "-i", str(path), "-f", "null", "-"]
    done = subprocess.run(command, capture_output=True, text=True)
    return done.returncode == 0 and not done.stderr


def run(folder: Path, arguments: str) -> None:
    """Run ffmpeg in a folder."""
    command = [str(ffmpeg.find()), "-nostdin", "-v", "error", *arguments.split()]
    subprocess.run(command, cwd=folder, check=True)
