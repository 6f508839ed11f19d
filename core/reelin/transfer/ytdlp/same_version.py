"""Servers held to one version of each file, where yt-dlp would continue whatever they send.

After a break yt-dlp asks for the rest of a file, and appends what comes; some files it asks for
piece by piece. Here such a request goes out with If-Range, and its answer counts only if it is of
the version that the first one was of. Otherwise yt-dlp gets the whole, and starts that file anew;
between two pieces it cannot, and the download fails.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ...net.decoder import codings_of
from ...net.versions import Version, continues, parse_content_range, version_of

if TYPE_CHECKING:
    from yt_dlp import YoutubeDL

_RANGE = re.compile(r"bytes=(\d{1,18})-(\d{1,18})?\Z")


def hold_to_versions(ydl: YoutubeDL) -> None:
    """Have all requests of a downloader go out like that."""
    ydl.urlopen = _VersionedRequests(ydl.urlopen).open


class _VersionedRequests:
    def __init__(self, urlopen: Any) -> None:
        self._urlopen = urlopen
        self._known: dict[str, Version] = {}

    def open(self, request: Any) -> Any:
        """Return the answer to a request of yt-dlp, in place of `YoutubeDL.urlopen`."""
        headers = {} if isinstance(request, str) else request.headers
        wanted = _RANGE.match(headers.get("Range") or "")
        if wanted is None:
            return self._open_whole(request)
        start, end = int(wanted[1]), int(wanted[2]) + 1 if wanted[2] else None
        if start == 0:
            return self._open_first_piece(request)
        version = self._known.get(request.url, Version())
        answer = self._open_rest(request, version, start, end) if version.if_range else None
        if answer is None and end is not None:
            from yt_dlp.networking.exceptions import RequestError

            raise RequestError("the file changed while it was fetched")
        return answer or self._open_whole(_drop_range(request))

    def _open_whole(self, request: Any) -> Any:
        answer = self._urlopen(request)
        self._known[request if isinstance(request, str) else request.url] = _read_version(answer)
        return answer

    def _open_first_piece(self, request: Any) -> Any:
        """Ask for the first piece; the whole where nothing could prove that the next one fits."""
        answer = self._open_whole(request)
        if answer.status == 206 and not self._known[request.url].if_range:
            answer.close()
            return self._open_whole(_drop_range(request))
        return answer

    def _open_rest(self, request: Any, version: Version, start: int, end: int | None) -> Any:
        """Return an answer with exactly the range that is missing; None: it is not to be had."""
        # Some servers send the whole as soon as they see If-Range; then the answer has to prove it.
        for bound in (_add_if_range(request, version), request):
            answer = self._open_range(bound)
            if answer is None:
                continue
            proven = bound is not request or _read_version(answer) == version
            if proven and continues(answer.status, answer.headers, version, start, end):
                return answer
            answer.close()
        return None

    def _open_range(self, request: Any) -> Any:
        from yt_dlp.networking.exceptions import HTTPError

        try:
            return self._urlopen(request)
        except HTTPError as error:
            if error.status not in (412, 416):
                raise
            error.close()
            return None


def _add_if_range(request: Any, version: Version) -> Any:
    bound = request.copy()
    bound.headers["If-Range"] = version.if_range
    return bound


def _drop_range(request: Any) -> Any:
    whole = request.copy()
    del whole.headers["Range"]
    return whole


def _read_version(answer: Any) -> Version:
    sent = parse_content_range(answer.headers.get("Content-Range"))
    length = answer.headers.get("Content-Length") or ""
    size = sent[2] if sent else int(length) if re.fullmatch(r"\d{1,18}", length) else None
    return version_of(answer.headers, size, unreliable=bool(codings_of(answer.headers)))
