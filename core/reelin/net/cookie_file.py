"""A cookies.txt as people have it: written by add-ons, by other programs, and by hand.

A line that is no cookie is passed over: files are exports of a whole browser, and one site's odd
cookie must not keep those of another from being sent.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..model.errors import UsageError
from ..model.urls import ascii_host

HEADING = "# Netscape HTTP Cookie File\n"
_HTTP_ONLY = "#httponly_"
_FIELDS = 7  # domain, whether for subdomains, path, whether secure, expiry, name, value
_YES = frozenset(["true", "1", "yes"])
_LINE_END = re.compile(r"\r\n|\n|\r")
# A row with blanks, or with several tabs, in the place of one tab.
_WITH_BLANKS = re.compile(
    r"\s*(\S+)\s+(true|false)\s+(/\S*)\s+(true|false)\s+(-?[\d.]+)\s+(\S+)(?:\s+(.*))?",
    re.IGNORECASE,
)
# Columns that some programs add behind the value: SameSite, the priority, whether for HTTP only.
_FURTHER = re.compile(
    r"(?:\t *(?:lax|strict|none|no_restriction|unspecified|low|medium|high|true|false)? *)+\Z",
    re.IGNORECASE,
)
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class SavedCookie:
    """One cookie as it was saved.

    name, value: as they are sent, quotes and all
    host:        without a dot in front, in lower case, and in ASCII (an A-label)
    subdomains:  whether hosts below that one get it too
    secure:      whether only https gets it
    """

    name: str
    value: str
    host: str
    path: str = "/"
    subdomains: bool = False
    secure: bool = False

    def as_line(self) -> str:
        """Return it as a line of a cookies.txt, without an expiry."""
        flags = ["TRUE" if each else "FALSE" for each in (self.subdomains, self.secure)]
        host = f".{self.host}" if self.subdomains else self.host
        return "\t".join([host, flags[0], self.path, flags[1], "0", self.name, self.value]) + "\n"


def read_cookies(source: Path | str) -> list[SavedCookie]:
    """Return the cookies of a file in the Netscape format, in their order.

    source: the file's path, or its whole text: no path has a tab or a line break

    An expiry does not count: who passes a file wants its cookies sent. Raises `UsageError` for a
    file that cannot be read, or has lines of which none is in that format.
    """
    if is_cookie_text(source):
        data, name = str(source).encode(errors="replace"), "cookies"
    else:
        name = f"cookies file {source}"
        try:
            data = Path(source).read_bytes()
        except OSError as error:
            raise UsageError(f"{name}: {error.strerror or error}") from None
    rows = [_split(line) for line in _lines_of(data)]
    if rows and not any(rows):
        raise UsageError(f"{name}: {_say_what_it_is(data)}")
    found = (read_cookie(*row) for row in rows if row)
    return [each for each in found if each is not None]


def is_cookie_text(source: Path | str) -> bool:
    """Whether that is the text of a cookies.txt, and not the path of one."""
    return isinstance(source, str) and ("\t" in source or "\n" in source)


def read_cookie(
    domain: str, subdomains: str, path: str, secure: str, name: str, value: str
) -> SavedCookie | None:
    """Return the cookie that a line's fields mean. None: it is of no use for any request."""
    host = _host_of(domain)
    if host is None or not name or _CONTROLS.search(f"{name}{value}{path}"):
        return None
    return SavedCookie(
        name=name,
        value=value,
        host=host,
        path=path if path.startswith("/") else "/",
        subdomains=domain.startswith(".") or subdomains.strip().lower() in _YES,
        secure=secure.strip().lower() in _YES,
    )


def _lines_of(data: bytes) -> Iterator[str]:
    """Give the lines that are neither empty nor comments."""
    for line in _LINE_END.split(_decode(data)):
        if line[: len(_HTTP_ONLY)].lower() == _HTTP_ONLY:
            line = line[len(_HTTP_ONLY) :]
        if line.strip() and not line.startswith("#"):
            yield line


def _decode(data: bytes) -> str:
    """Return the text of a file as editors and shells of all systems write it."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    if data[1:2] == b"\0" or data[:1] == b"\0":  # no mark, but every other byte of ASCII is NUL
        return data.decode("utf-16-le" if data[1:2] == b"\0" else "utf-16-be", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _split(line: str) -> tuple[str, str, str, str, str, str] | None:
    """Return the fields of a line, but for the expiry; None for a line of another kind.

    Copied from a terminal, a line has blanks for tabs; editors drop the tab before an empty value,
    and others align the columns. Some programs add further ones.
    """
    fields: list[str | None] = list(line.split("\t", _FIELDS - 1))
    if len(fields) < _FIELDS - 1 or not (fields[1] or "").strip():
        loose = _WITH_BLANKS.fullmatch(line)
        if loose is None:
            return None
        fields = list(loose.groups())
    domain, subdomains, path, secure, _, name, value = (
        each or "" for each in [*fields, ""][:_FIELDS]
    )
    return domain.strip(), subdomains, path, secure, name, _FURTHER.sub("", value)


def _host_of(domain: str) -> str | None:
    """Return the host of a domain as a file has it; a port in it never counts (RFC 6265, 8.5)."""
    name = domain.lstrip(".").rstrip(".")
    if name.count(":") > 1 and not name.startswith("["):
        name = f"[{name}]"  # an IPv6 address
    return ascii_host(name)


def _say_what_it_is(data: bytes) -> str:
    start = data.lstrip(codecs.BOM_UTF8)[:64].lstrip()
    if start.startswith((b"[", b"{")):
        return "it is JSON; export the cookies as cookies.txt (Netscape format) instead"
    if start.startswith(b"SQLite"):
        return "it is a browser's database; use --cookies-from-browser instead"
    return "no line of it is in the Netscape cookies.txt format"
