"""Facts as pages and feeds write them: dates and durations, in the few ways that are in use."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from .http_date import parse_http_date

_CLOCK = re.compile(r"(?:(?:(\d{1,4}):)?(\d{1,4}):)?(\d{1,7}(?:\.\d{1,9})?)\Z")
_ISO = re.compile(
    r"P?(?:(\d{1,4})D)?T?(?:(\d{1,6})H)?(?:(\d{1,7})M)?(?:(\d{1,9}(?:\.\d{1,9})?)S)?", re.IGNORECASE
)


def date_in(text: str | None) -> datetime | None:
    """A date of RFC 3339, ISO 8601, RFC 822 or HTTP; without a zone it is taken for UTC."""
    text = (text or "").strip()[:64]
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return parse_http_date(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def seconds_in(text: str | None) -> float | None:
    """A duration in seconds: `3723`, `1:02:03`, or `PT1H2M3S` (ISO 8601). None for 0."""
    text = (text or "").strip()
    clock = _CLOCK.match(text)
    if clock:
        hours, minutes, seconds = (float(each or 0) for each in clock.groups())
        return hours * 3600 + minutes * 60 + seconds or None
    iso = _ISO.fullmatch(text)
    if iso is None:
        return None
    days, hours, minutes, seconds = (float(each or 0) for each in iso.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60 + seconds or None
