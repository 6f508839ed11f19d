"""Reading a playlist line by line: the tags of both kinds (RFC 8216bis, 4.1 to 4.4.2)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar
from urllib.parse import unquote, urlsplit

from ...model.errors import ExtractError
from .addresses import Addresses
from .attributes import parse_attributes, parse_decimal, parse_integer, parse_iv
from .encryption import Key
from .values import Start

MAX_NOTES = 100
# Characters that variables may put in: a few short definitions could make gigabytes.
MAX_EXPANSION = 32 * 1024 * 1024

_REFERENCE = re.compile(r"\{\$([A-Za-z0-9_-]+)\}")
_NAME = re.compile(r"[A-Za-z0-9_-]+")
_Value = TypeVar("_Value")


class M3U8Error(ExtractError):
    """A playlist that cannot be read without guessing at its bytes."""


class PlaylistReader:
    """Goes through the lines of one playlist; subclasses collect what they say."""

    def __init__(self, url: str, imports: Mapping[str, str]) -> None:
        self.url = url
        self.line = 0
        self.notes: list[str] = []
        self.variables: dict[str, str] = {}
        self.version: int | None = None
        self.independent_segments = False
        self.start: Start | None = None
        self.join = Addresses(url).join
        self._imports = imports
        self._expanded = 0
        self.tags: dict[str, Callable[[str], None]] = {
            "#EXT-X-VERSION": self._read_version,
            "#EXT-X-INDEPENDENT-SEGMENTS": self._read_independent_segments,
            "#EXT-X-START": self._read_start,
            "#EXT-X-DEFINE": self._read_define,
        }

    def read(self, lines: Iterable[str], first: int) -> None:
        """Hand each tag to its own method, each URI to `add_address`; the rest is comments.

        first: number of the first of these lines, from 1
        """
        tags = self.tags
        for self.line, line in enumerate(lines, first):
            line = line.strip()
            if line[:4] == "#EXT":
                tag, _, value = line.partition(":")
                found = tags.get(tag) or tags.get(tag.rstrip())
                if found:
                    found(value)
            elif line and line[0] != "#":
                self.add_address(line)

    def add_address(self, text: str) -> None:
        """Take a line that is a URI."""
        raise NotImplementedError

    def fail(self, what: str) -> M3U8Error:
        """Return the error to raise where going on would mean wrong bytes."""
        where = f"line {self.line}: " if self.line else ""
        return M3U8Error(f"The playlist {self.url} cannot be used: {where}{what}", url=self.url)

    def note(self, what: str) -> None:
        """Note something that is not as it should be, and does no harm to the bytes."""
        if len(self.notes) < MAX_NOTES:
            self.notes.append(f"line {self.line}: {what}")

    def read_attributes(self, value: str) -> dict[str, str]:
        """Read the attribute list of a tag, its variables replaced."""
        found = parse_attributes(value)
        if "{$" in value:
            return {name: self.expand(each) for name, each in found.items()}
        return found

    def read_attribute(
        self, attributes: Mapping[str, str], name: str, parse: Callable[[str], _Value | None]
    ) -> _Value | None:
        """Read an attribute by `parse`; None, with a note, where that does not understand it."""
        text = attributes.get(name)
        if not text:
            return None
        value = parse(text)
        if value is None:
            self.note(f"{name}={_shorten(text)} is not understood")
        return value

    def read_integer(self, attributes: Mapping[str, str], name: str) -> int | None:
        """Read an attribute that counts something; None where it is missing or negative."""
        value = self.read_attribute(attributes, name, parse_integer)
        return value if value is None or value >= 0 else None

    def read_decimal(self, attributes: Mapping[str, str], name: str) -> float | None:
        """Read an attribute that measures something."""
        return self.read_attribute(attributes, name, parse_decimal)

    def read_key(self, value: str) -> Key | None:
        """Read EXT-X-KEY or EXT-X-SESSION-KEY (4.4.4.4, 4.4.6.5); None: not encrypted.

        A key for reelin must be fetchable. `data:` carries it, so nothing is fetched, and it is
        kept; others (`file:`) are refused. What belongs to a DRM system is kept as written.
        """
        attributes = self.read_attributes(value)
        method = attributes.get("METHOD", "").upper()
        written = attributes.get("URI", "").strip()
        if not method and not written:
            self.note("a key without METHOD: taken as NONE")
        if method == "NONE" or not (method or written):
            return None
        if not method:
            raise self.fail("a key does not say its METHOD, so nobody can decrypt the segments")
        form = attributes.get("KEYFORMAT") or "identity"
        uri = self.join(written) or written
        versions = attributes.get("KEYFORMATVERSIONS") or "1"
        found = Key(method, uri, self._read_iv(attributes), form.lower(), versions)
        if method == "AES-128" and found.format == "identity":
            self._check_key(found)
        return found

    def _read_iv(self, attributes: Mapping[str, str]) -> bytes | None:
        written = attributes.get("IV")
        if not written:
            return None
        iv = parse_iv(written)
        if iv is None:
            raise self.fail(f"IV={_shorten(written)} is not a hexadecimal number of 128 bits")
        return iv

    def _check_key(self, key: Key) -> None:
        if not key.uri:
            raise self.fail("an AES-128 key without URI: nobody can decrypt the segments")
        if key.uri.startswith("skd:"):
            return
        if not key.readable:
            raise self.fail(f"the key's address {_shorten(key.uri)} is not http, https or data")
        if key.uri.startswith("data:") and len(key.inline or b"") != 16:
            raise self.fail(f"{_shorten(key.uri)} does not hold a key of 16 bytes")

    def expand(self, text: str) -> str:
        """Replace the variables in a text (4.3). Their values are not searched for others."""
        return _REFERENCE.sub(self._look_up, text) if "{$" in text else text

    def _look_up(self, reference: re.Match[str]) -> str:
        value = self.variables.get(reference[1])
        if value is None:
            raise self.fail(
                f"{_shorten(reference[0])} has no value: no EXT-X-DEFINE before it names it"
            )
        self._expanded += len(value)
        if self._expanded > MAX_EXPANSION:
            raise self.fail(f"its variables blow it up to more than {MAX_EXPANSION >> 20} MB")
        return value

    def _read_define(self, value: str) -> None:
        """EXT-X-DEFINE (4.4.2.3)."""
        attributes = self.read_attributes(value)
        if "NAME" in attributes and "VALUE" in attributes:
            name, found = attributes["NAME"], attributes["VALUE"]
        elif "IMPORT" in attributes:
            name = attributes["IMPORT"]
            found = self._import_variable(name)
        elif "QUERYPARAM" in attributes:
            name = attributes["QUERYPARAM"]
            found = self._take_from_query(name)
        else:
            self.note("EXT-X-DEFINE defines nothing")
            return
        if not _NAME.fullmatch(name):
            raise self.fail(f"{_shorten(name)} is not a name for a variable")
        if self.variables.setdefault(name, found) != found:
            raise self.fail(f"the variable {_shorten(name)} is defined twice")

    def _import_variable(self, name: str) -> str:
        found = self._imports.get(name)
        if found is None:
            raise self.fail(
                f"the variable {_shorten(name)} is to come from the multivariant playlist, "
                "which does not define it; give that playlist's address instead"
            )
        return found

    def _take_from_query(self, name: str) -> str:
        for pair in urlsplit(self.url).query.split("&"):
            key, _, value = pair.partition("=")
            if value and unquote(key) == name:
                found = unquote(value)
                if not set('"\r\n').isdisjoint(found):
                    raise self.fail(f"the query's {_shorten(name)} holds a quote or a line's end")
                return found
        raise self.fail(
            f"the variable {_shorten(name)} is to come from the playlist's own address, which has "
            f"no such query parameter; give the address with its ?{_shorten(name)}=…"
        )

    def _read_version(self, value: str) -> None:
        self.version = parse_integer(value)

    def _read_independent_segments(self, _: str) -> None:
        self.independent_segments = True

    def _read_start(self, value: str) -> None:
        attributes = self.read_attributes(value)
        offset = self.read_decimal(attributes, "TIME-OFFSET")
        if offset is not None:
            self.start = Start(offset, is_yes(attributes, "PRECISE"))


def is_yes(attributes: Mapping[str, str], name: str) -> bool:
    """Whether an attribute, which may be YES or NO, is YES."""
    return attributes.get(name, "").upper() == "YES"


def _shorten(text: str) -> str:
    return text if len(text) <= 80 else text[:79] + "…"
