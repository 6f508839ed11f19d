"""Facts out of yt-dlp's info dicts, whatever they hold: of the right kind, or none."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

Info = dict[str, Any]


def text(value: object) -> str:
    """A text in one line; empty for anything else."""
    return " ".join(value.split()) if isinstance(value, str) else ""


def url(value: object) -> str | None:
    """A web address."""
    return value if isinstance(value, str) and re.match(r"https?://", value) else None


def number(value: object) -> float | None:
    """A number above zero."""
    is_one = isinstance(value, int | float) and math.isfinite(value) and value > 0
    return float(value) if is_one else None  # type: ignore[arg-type]


def whole(value: object) -> int | None:
    """A number above zero, rounded down."""
    known = number(value)
    return int(known) if known else None


def dicts(value: object) -> list[Info]:
    """The dictionaries of a list."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def first(info: Mapping[str, Any], *keys: str) -> str | None:
    """The first text under one of the keys."""
    return next(filter(None, (text(info.get(key)) for key in keys)), None)


def date(info: Mapping[str, Any]) -> datetime | None:
    """The date on which it was published, or released."""
    with suppress(ValueError, OverflowError, OSError):
        for stamp in (info.get("timestamp"), info.get("release_timestamp")):
            if number(stamp):
                return datetime.fromtimestamp(float(stamp or 0), UTC)
        day = first(info, "upload_date", "release_date")
        return datetime.strptime(day, "%Y%m%d").replace(tzinfo=UTC) if day else None
    return None
