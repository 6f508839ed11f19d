"""Sizes, rates and dates as people write them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time

from .errors import UsageError

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b)?", re.IGNORECASE)
_POWER = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}
_LARGEST = 1 << 62


def parse_size(text: str) -> int:
    """Bytes that `10k`, `5M`, `1.5GiB` or `2048` mean; k, M, G and T are powers of 1024.

    Raises `UsageError`.
    """
    found = _SIZE.fullmatch(text.strip())
    if not found or len(found[1]) > 18:
        raise UsageError(f"{text!r} is not a size; write it as 500, 10k, 5M or 1.5GiB")
    size = int(float(found[1]) * 1024 ** _POWER[found[2].lower()])
    if size > _LARGEST:
        raise UsageError(f"{text!r} is larger than any file")
    return size


def parse_rate(text: str) -> int:
    """Bytes per second that `500k`, `2M` or `1MiB/s` mean. Raises `UsageError`."""
    bare = re.sub(r"/s(ec)?$|ps$", "", text.strip(), flags=re.IGNORECASE)
    try:
        rate = parse_size(bare)
    except UsageError:
        rate = 0
    if rate < 1:
        raise UsageError(f"{text!r} is not a rate; write it as 500k or 2M (bytes per second)")
    return rate


def parse_date(text: str, *, end: bool = False) -> datetime:
    """The moment that an ISO 8601 date or date-time means; without a zone it is UTC.

    end: of a plain date, take its last moment rather than its first

    Raises `UsageError`.
    """
    text = text.strip()
    try:
        if re.fullmatch(r"\d{4}-?\d{2}-?\d{2}", text):
            moment = datetime.combine(date.fromisoformat(text), time.max if end else time.min)
        else:
            moment = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"{text!r} is not a date; write it as 2026-01-31 or 2026-01-31T18:30"
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def format_size(size: float) -> str:
    """Bytes for people: `1.5 MiB`."""
    if size < 1024:
        return f"{size:.0f} B"
    for unit in ("KiB", "MiB", "GiB"):
        size /= 1024
        if size < 1024:
            return f"{size:.1f} {unit}"
    return f"{size / 1024:.1f} TiB"
