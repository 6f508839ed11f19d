"""The process in which yt-dlp fetches for `YtdlpTransfer`, and the messages between the two:

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
from ...media.ytdlp.entries import find_entries
from ...media.ytdlp.formats import choose_container, choose_mime, has_video
from ...media.ytdlp.info import Info, dicts, text, whole
from ...media.ytdlp.messages import as_reelin_error
from ...model.errors import FetchError, ReelinError
from .parent import Parent
from .same_version import hold_to_versions

if TYPE_CHECKING:
    from yt_dlp import YoutubeDL

_LONGEST = 2000  # characters of a log line
_OF_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EACCES, errno.EROFS, errno.EIO)


def main() -> None:
    """Do what the parent asks for, once."""
    parent = Parent()
    order = parent.receive()
    logging.getLogger("reelin").setLevel(order["level"])
    logging.getLogger("reelin").addHandler(_LogTo(parent))
    try:
        _fetch(parent, order)
    except Exception as error:
        parent.send(**_describe_error(error, order["url"]))


def _fetch(parent: Parent, order: Info) -> None:
    ydl = _make_downloader(Backend.from_recipe(order["backend"]))
    info, parts = _choose(ydl, order["url"], order["format"])
    merged, is_video = _merge(info, parts), any(map(has_video, parts))
    sizes = [whole(each.get("filesize")) for each in parts]
    head = {
        "ext": merged["ext"],
        "mime": choose_mime(is_video, merged["ext"]),
        "size": _add_up(sizes),
        "title": text(info.get("title")) or text(info.get("id")),
        "type": "video" if is_video else "audio",
    }
    parent.send(head=head)
    ydl.add_progress_hook(_ProgressHook(parent.send, sizes))
    os.chdir(parent.receive()["folder"])
    ydl.process_info(merged)
    if not merged.get("filepath"):
        raise FetchError(f"{order['url']}: yt-dlp saved nothing", url=order["url"])
    parent.send(file={"name": Path(merged["filepath"]).name})


def _make_downloader(backend: Backend) -> YoutubeDL:
    ydl = backend.with_params(
        outtmpl="body.%(ext)s",
        retry_sleep_functions={"http": _choose_delay, "fragment": _choose_delay},
        skip_unavailable_fragments=False,  # a video with holes is none
        updatetime=False,
    ).downloader()
    hold_to_versions(ydl)
    return ydl


def _choose_delay(n: int) -> float:
    """Return the seconds to wait before retry number `n`."""
    return float(min(30, 0.5 * 2**n))


# What to fetch


def _choose(ydl: YoutubeDL, url: str, name: str) -> tuple[Info, list[Info]]:
    """Return the video at a page, and its formats by the name that `formats` gave them."""
    ids, _, video = name.partition(" ")
    for info in find_entries(ydl, url):
        if video in ("", text(info.get("id"))):
            known = {text(each.get("format_id")): each for each in _list_formats(info)}
            parts = [known.get(each) for each in ids.split("+")]
            if None in parts:
                raise FetchError(f"{url}: format {ids} is no longer there", url=url)
            return info, [each for each in parts if each]
    raise FetchError(f"{url}: {video or 'the video'} is no longer there", url=url)


def _list_formats(info: Info) -> list[Info]:
    return dicts(info.get("formats")) or [info]


def _merge(info: Info, parts: list[Info]) -> Info:
    """Return the video in one format, as yt-dlp's own choice would have made it."""
    # Where all formats are chosen, the facts of the last one stand among the video's.
    last = _list_formats(info)[-1]
    facts = {key: value for key, value in info.items() if key not in last}
    if len(parts) == 1:
        return {**facts, **parts[0]}
    return {
        **facts,
        "ext": choose_container(
            [each["ext"] for each in parts], [_find_codec(each) for each in parts]
        ),
        "format_id": "+".join(each["format_id"] for each in parts),
        "protocol": "+".join(each["protocol"] for each in parts),
        # Their ids become part of file names.
        "requested_formats": [{**each, "format_id": str(at)} for at, each in enumerate(parts)],
    }


def _find_codec(part: Info) -> str:
    return text(part.get("vcodec") if has_video(part) else part.get("acodec"))


# What to send


class _ProgressHook:
    """yt-dlp's progress hook: adds up the parts. `sizes`: of each part, as far as known."""

    def __init__(self, send: Callable[..., None], sizes: list[int | None]) -> None:
        self._send = send
        self._sizes = dict(enumerate(sizes))
        self._done: dict[str, int] = {}  # by file, in the order of the parts

    def __call__(self, status: Info) -> None:
        name = text(status.get("filename"))
        self._done[name] = whole(status.get("downloaded_bytes")) or 0
        size = whole(status.get("total_bytes")) or whole(status.get("total_bytes_estimate"))
        if size:
            self._sizes[list(self._done).index(name)] = size
        self._send(done=sum(self._done.values()), size=_add_up(self._sizes.values()))


def _add_up(sizes: Collection[int | None]) -> int | None:
    """Return all sizes together, None where one is not known."""
    return sum(filter(None, sizes)) if all(sizes) else None


class _LogTo(logging.Handler):
    def __init__(self, parent: Parent) -> None:
        super().__init__()
        self._parent = parent

    def emit(self, record: logging.LogRecord) -> None:
        self._parent.send(log=record.getMessage()[:_LONGEST], level=record.levelno)


def _describe_error(error: Exception, url: str) -> Info:
    ours = error if isinstance(error, ReelinError) else as_reelin_error(error, url)
    number = _find_disk_error(error)
    return {
        "error": os.strerror(number) if number else str(ours),
        "kind": ours.kind,
        "status": getattr(ours, "status", None),
        "errno": number,
    }


def _find_disk_error(error: BaseException | None) -> int | None:
    """Return the number of the disk's error that one of yt-dlp's is about."""
    for _ in range(5):
        if isinstance(error, OSError) and error.errno in _OF_DISK:
            return error.errno
        info = getattr(error, "exc_info", None) or (None, None)
        error = info[1] or getattr(error, "__context__", None)
    return None


if __name__ == "__main__":
    main()
