"""Errors and log lines of yt-dlp as ours."""

from __future__ import annotations

import logging
import re

from ...model.errors import ExtractError, FetchError, PluginError, ReelinError

logger = logging.getLogger(__name__)

_COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_LABELS = re.compile(r"(?:ERROR|WARNING): *|\[[\w:.+-]{1,60}\] +(?:[\w.:-]{1,80}: +)?")
_FOR_AUTHORS = re.compile(r"[\s;,.(]*(?:please )?report this issue on\b.*", re.IGNORECASE)


class Log:
    """yt-dlp's logger. What it calls an error is raised as well."""

    def debug(self, message: str) -> None:
        """Log anything that is no warning."""
        logger.debug("%s", message)

    error = info = debug

    def warning(self, message: str) -> None:
        """Log a warning, which is of little use to a person: mostly of missing formats."""
        logger.info("%s", clean_message(message))


def as_reelin_error(error: Exception, url: str) -> ReelinError:
    """Return an error of yt-dlp as ours, in one line, without words for yt-dlp's authors."""
    from yt_dlp.networking.exceptions import HTTPError, RequestError
    from yt_dlp.utils import DownloadError, ExtractorError

    if isinstance(error, DownloadError) and error.exc_info and error.exc_info[1]:
        error = error.exc_info[1]
    cause = error.cause if isinstance(error, ExtractorError) else error
    text = clean_message(error.orig_msg if isinstance(error, ExtractorError) else str(error))
    if isinstance(cause, HTTPError):
        cause.close()
        return FetchError(f"{url}: {text}", url=url, status=cause.status)
    if isinstance(cause, RequestError):
        return FetchError(f"{url}: {text}", url=url)
    if isinstance(error, DownloadError | ExtractError) or getattr(error, "expected", False):
        return ExtractError(f"{url}: {text}", url=url)
    if not isinstance(error, ExtractorError):
        text = f"{type(error).__name__}: {text}"
    return PluginError(f"{url}: {text} (yt-dlp; a newer version may help)", url=url)


def clean_message(message: str) -> str:
    """Return a message of yt-dlp as one line, without colours and labels."""
    line = " ".join(_COLOUR.sub("", message).split())
    start = 0
    while label := _LABELS.match(line, start):
        start = label.end()
    return _FOR_AUTHORS.sub("", line[start:])
