"""Holds servers to one version of each file, where yt-dlp would continue whatever they send.

After a break yt-dlp asks for the rest of a file, and appends what comes. Here such a request goes
out with If-Range, and its answer counts only if it is of the version that the first one was of;
otherwise the whole is asked for, and yt-dlp starts that file anew.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from .resume import Version, continues, parse_content_range, version_of

if TYPE_CHECKING:
    from yt_dlp import YoutubeDL

_RANGE = re.compile(r"bytes=(\d{1,18})-(\d{1,18})?\Z")


def hold_to_versions(ydl: YoutubeDL) -> None:
    """Have all requests of a downloader go out like that."""
    ydl.urlopen = _Versions(ydl.urlopen).open


class _Versions:
    def __init__(self, urlopen: Any) -> None:
        self._urlopen = urlopen
        self._known: dict[str, Version] = {}

    def open(self, request: Any) -> Any:
        """The answer to a request of yt-dlp, in place of `YoutubeDL.urlopen`."""
        headers = {} if isinstance(request, str) else request.headers
        wanted = _RANGE.match(headers.get("Range") or "")
        if wanted is None or wanted[1] == "0":
            return self._first(request)
        start, end = int(wanted[1]), int(wanted[2]) + 1 if wanted[2] else None
        version = self._known.get(request.url)
        if version is not None and version.if_range is not None:
            answer = self._rest(request, version, start, end)
            if answer is not None:
                return answer
        whole = request.copy()
        del whole.headers["Range"]
        return self._first(whole)

    def _first(self, request: Any) -> Any:
        url = request if isinstance(request, str) else request.url
        answer = self._urlopen(request)
        self._known[url] = _version(answer)
        return answer

    def _rest(self, request: Any, version: Version, start: int, end: int | None) -> Any:
        """The answer with exactly the range that is missing; None: it is not to be had."""
        from yt_dlp.networking.exceptions import HTTPError

        bound = request.copy()
        bound.headers["If-Range"] = version.if_range
        try:
            answer = self._urlopen(bound)
        except HTTPError as error:
            error.close()
            if error.status in (412, 416):
                return None
            raise
        if continues(answer.status, answer.headers, version, start, end):
            return answer
        answer.close()
        return None


def _version(answer: Any) -> Version:
    sent = parse_content_range(answer.headers.get("Content-Range"))
    length = answer.headers.get("Content-Length") or ""
    size = sent[2] if sent else int(length) if re.fullmatch(r"\d{1,18}", length) else None
    encoded = answer.headers.get("Content-Encoding", "identity").lower() != "identity"
    return version_of(answer.headers, size, unreliable=encoded)
