"""Facts as pages and feeds write them: dates, durations, counts, pixels, bit rates, languages.

Each reader takes the few ways that are in use, in ASCII digits, and says None to anything else.
"""

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
_CLOCK = re.compile(r"(?:(?:(\d{1,4}):)?(\d{1,4}):)?(\d{1,7}(?:\.\d{1,9})?)\Z", re.ASCII)
_ISO = re.compile(
    r"P?(?:(\d{1,4})D)?T?(?:(\d{1,6})H)?(?:(\d{1,7})M)?(?:(\d{1,9}(?:\.\d{1,9})?)S)?",
    re.ASCII | re.IGNORECASE,
)
_COUNT = re.compile(r"(\d{1,15})(?:\.0{1,9})?", re.ASCII)
_PIXELS = re.compile(r"(\d{1,6})(?:\.\d{1,9})?\s?(?:px|pixels?)?", re.ASCII | re.IGNORECASE)
_BITS = re.compile(
    r"(\d{1,9}(?:\.\d{1,6})?)\s?([kM]?)(?:bps|bits?/s|b/s|bits?)?", re.ASCII | re.IGNORECASE
)
_LINES = re.compile(r"[._-](\d{3,4})p\.\w{2,5}(?:[?#]|\Z)", re.IGNORECASE)
_FACTORS = {"": 1, "k": 1000, "m": 1_000_000}
_LEAST_BITS = 4000
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8}){0,3}")


def date_in(text: str | None) -> datetime | None:
    """Read a date of RFC 3339, ISO 8601, RFC 822 or HTTP; without a zone it is taken for UTC."""
    text = (text or "").strip()[:64]
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return parse_http_date(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def parse_http_date(value: str | None) -> datetime | None:
    """Read the moment of an HTTP date (RFC 9110, 5.6.7), with its zone; None for anything else."""
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


def seconds_in(text: str | None) -> float | None:
    """Read a duration in seconds: `3723`, `1:02:03`, or `PT1H2M3S` (ISO 8601). None for 0."""
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


def count_in(text: str | None) -> int | None:
    """Read a whole number, such as bytes or a place in a list: `1234`, `1234.0`. None for 0."""
    found = _COUNT.fullmatch((text or "").strip())
    return int(found[1]) or None if found else None


def pixels_in(text: str | None) -> int | None:
    """Read a side of an image: `640`, `640.5`, `640px`. 0 as well, which tracking pixels have."""
    found = _PIXELS.fullmatch(text.strip()) if text else None
    return int(found[1]) if found else None


def bits_in(text: str | None) -> int | None:
    """Read a bit rate in bits per second: `128 kbps`, `2.5Mbps`, `128000`.

    None for less than any audio has: a number without a unit, that was not meant in bits.
    """
    found = _BITS.fullmatch((text or "").strip())
    rate = int(float(found[1]) * _FACTORS[found[2].lower()]) if found else 0
    return rate if rate >= _LEAST_BITS else None


def lines_in(url: str) -> int | None:
    """Read the height that a video's name tells: 720 for `film_720p.mp4`."""
    found = _LINES.search(url)
    return int(found[1]) if found else None


def language_in(text: str | None) -> str | None:
    """Read a language by its BCP 47 tag: `en`, `pt-BR`, also as `pt_BR`."""
    tag = (text or "").strip()
    return tag.replace("_", "-") if _LANGUAGE.fullmatch(tag) else None
