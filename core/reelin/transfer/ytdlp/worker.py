"""The process in which yt-dlp fetches for `YtdlpTransfer`: finds, tells, is told where to, fetches.

-> {"backend": …, "url": …, "format": "137+140", "level": 20}
<- {"head": {"ext": "mp4", "size": …, …}}
-> {"folder": …}
<- {"done": 65536, "size": 1048576}, {"log": …}
<- {"file": {"name": "body.mp4"}}  or, at any time, {"error": …}
"""

from __future__ import annotations

import errno
import logging
import os
from collections.abc import Callable, Collection
from pathlib import Path
from typing import TYPE_CHECKING

from ...media.ytdlp.backend import Backend
from ...media.ytdlp.entries import entries
from ...media.ytdlp.formats import container, has_picture, mime_type
from ...media.ytdlp.info import Info, dicts, text, whole
from ...media.ytdlp.messages import told
from ...model.errors import FetchError, ReelinError
from .parent import Parent
from .same_version import hold_to_versions

if TYPE_CHECKING:
    from yt_dlp import YoutubeDL

_LONGEST = 2000  # characters of a log line
_OF_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EACCES, errno.EROFS, errno.EIO)


def main() -> None:
    """Do what the parent says, once."""
    parent = Parent()
    order = parent.hear()
    logging.getLogger("reelin").setLevel(order["level"])
    logging.getLogger("reelin").addHandler(_LogTo(parent))
    try:
        _fetch(parent, order)
    except Exception as error:
        parent.tell(**_failure(error, order["url"]))


def _fetch(parent: Parent, order: Info) -> None:
    ydl = _downloader(Backend.made_by(order["backend"]))
    info, parts = _chosen(ydl, order["url"], order["format"])
    video, picture = _as_one(info, parts), any(map(has_picture, parts))
    sizes = [whole(each.get("filesize")) for each in parts]
    head = {
        "ext": video["ext"],
        "mime": mime_type(picture, video["ext"]),
        "size": _sum(sizes),
        "title": text(info.get("title")) or text(info.get("id")),
        "type": "video" if picture else "audio",
    }
    parent.tell(head=head)
    ydl.add_progress_hook(_Progress(parent.tell, sizes))
    os.chdir(parent.hear()["folder"])
    ydl.process_info(video)
    if not video.get("filepath"):
        raise FetchError(f"{order['url']}: yt-dlp saved nothing", url=order["url"])
    parent.tell(file={"name": Path(video["filepath"]).name})


def _downloader(backend: Backend) -> YoutubeDL:
    ydl = backend.having(
        outtmpl="body.%(ext)s",
        retry_sleep_functions={"http": _patience, "fragment": _patience},
        skip_unavailable_fragments=False,  # a film with holes is none
        updatetime=False,
    ).downloader()
    hold_to_versions(ydl)
    return ydl


def _patience(n: int) -> float:
    return float(min(30, 0.5 * 2**n))


# What to fetch


def _chosen(ydl: YoutubeDL, url: str, name: str) -> tuple[Info, list[Info]]:
    """The video at a page and its formats by the name that `formats` gave them."""
    ids, _, video = name.partition(" ")
    for info in entries(ydl, url):
        if video in ("", text(info.get("id"))):
            offered = {text(each.get("format_id")): each for each in _formats(info)}
            parts = [offered.get(each) for each in ids.split("+")]
            if None in parts:
                raise FetchError(f"{url}: format {ids} is no longer there", url=url)
            return info, [each for each in parts if each]
    raise FetchError(f"{url}: {video or 'the video'} is no longer there", url=url)


def _formats(info: Info) -> list[Info]:
    return dicts(info.get("formats")) or [info]


def _as_one(info: Info, parts: list[Info]) -> Info:
    """The video in one format, as yt-dlp's own choice would have made it."""
    # Where all formats are chosen, the facts of the last one stand among the video's.
    last = _formats(info)[-1]
    facts = {key: value for key, value in info.items() if key not in last}
    if len(parts) == 1:
        return {**facts, **parts[0]}
    return {
        **facts,
        "ext": container([each["ext"] for each in parts], [_codec(each) for each in parts]),
        "format_id": "+".join(each["format_id"] for each in parts),
        "protocol": "+".join(each["protocol"] for each in parts),
        # Their ids become part of file names.
        "requested_formats": [{**each, "format_id": str(at)} for at, each in enumerate(parts)],
    }


def _codec(part: Info) -> str:
    return text(part.get("vcodec") if has_picture(part) else part.get("acodec"))


# What to tell


class _Progress:
    """yt-dlp's progress hook: adds up the parts. `sizes`: of each part, as far as known."""

    def __init__(self, tell: Callable[..., None], sizes: list[int | None]) -> None:
        self._tell = tell
        self._sizes = dict(enumerate(sizes))
        self._done: dict[str, int] = {}  # by file, in the order of the parts

    def __call__(self, status: Info) -> None:
        name = text(status.get("filename"))
        self._done[name] = whole(status.get("downloaded_bytes")) or 0
        size = whole(status.get("total_bytes")) or whole(status.get("total_bytes_estimate"))
        if size:
            self._sizes[list(self._done).index(name)] = size
        self._tell(done=sum(self._done.values()), size=_sum(self._sizes.values()))


def _sum(sizes: Collection[int | None]) -> int | None:
    """All sizes together, None where one is not known."""
    return sum(filter(None, sizes)) if all(sizes) else None


class _LogTo(logging.Handler):
    def __init__(self, parent: Parent) -> None:
        super().__init__()
        self._parent = parent

    def emit(self, record: logging.LogRecord) -> None:
        self._parent.tell(log=record.getMessage()[:_LONGEST], level=record.levelno)


def _failure(error: Exception, url: str) -> Info:
    ours, number = error if isinstance(error, ReelinError) else told(error, url), _of_disk(error)
    return {
        "error": os.strerror(number) if number else str(ours),
        "kind": ours.kind,
        "status": getattr(ours, "status", None),
        "errno": number,
    }


def _of_disk(error: BaseException | None) -> int | None:
    """The number of the disk's error that one of yt-dlp's is about."""
    for _ in range(5):
        if isinstance(error, OSError) and error.errno in _OF_DISK:
            return error.errno
        info = getattr(error, "exc_info", None) or (None, None)
        error = info[1] or getattr(error, "__context__", None)
    return None


if __name__ == "__main__":
    main()
