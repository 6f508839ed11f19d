"""Dates in HTTP headers."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_MONTHS = {
    name: number
    for number, name in enumerate(
        "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), start=1
    )
}
# The form that servers must send; the library is for those that do not, and ten times slower.
_PREFERRED = re.compile(r"[A-Z][a-z]{2}, (\d\d) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d):(\d\d) GMT")


def parse_http_date(value: str | None) -> datetime | None:
    """The moment of an HTTP date (RFC 9110, 5.6.7), with its zone; None for anything else."""
    if not value:
        return None
    try:
        found = _PREFERRED.fullmatch(value)
        if found and found[2] in _MONTHS:
            day, year, hour, minute, second = (int(found[group]) for group in (1, 3, 4, 5, 6))
            return datetime(year, _MONTHS[found[2]], day, hour, minute, second, tzinfo=UTC)
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
