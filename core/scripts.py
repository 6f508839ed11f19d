"""The scripts of one page as data, read once for all extractors: what they list, call and set."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from . import javascript, tracks
from .models import Link, MediaItem
from .page import Page

MOST_PLAIN_LISTS = 20  # of plain file names in one script
# What is no script by its type: templates and the like, and data that has readers of its own.
_NO_CODE = ("text/html", "text/template", "text/x-template", "application/ld+json")


# Without any of these a script holds no track, nor what makes the address of one whole.
_HINT = re.compile(
    r"\.(?:3gp|aac|aiff?|f4v|flac|flv|m3u8?|m4[abv]|mkv|mov|mp[34]|mpd|mpe?g|og[agv]|opus|ts|wav|weba"
    r"|webm|wm[av])\b|\b(?:audio|video)\\?/|mpegurl|dash\+xml|youtube|vimeo",
    re.IGNORECASE,
)


class Scripts:
    """All inline scripts of a page, and script files that somebody fetched; they serve each other.

    files: URL and text of each
    """

    def __init__(self, page: Page, files: Sequence[tuple[str, str]] = ()) -> None:
        self._page = page
        inline = [
            (f"script {script.number}", script.text)
            for script in page.scripts
            if script.type not in _NO_CODE
        ]
        self._sources = [(where, javascript.read(text)) for where, text in (*inline, *files)]

    def calls(self, name: str) -> Iterator[tuple[str, javascript.Call]]:
        """The calls of that name in all scripts, each with where it stands."""
        for where, source in self._sources:
            for call in source.calls(name):
                yield f"{where}: {call.path}()", call

    def assignments(self, name: str) -> Iterator[tuple[str, javascript.Assignment]]:
        """The assignments to that name in all scripts, each with where it stands."""
        for where, source in self._sources:
            for assignment in source.assignments(name):
                yield f"{where}: {assignment.path}", assignment

    def literals(self) -> Iterator[tuple[str, Any]]:
        """All objects and arrays of all scripts, each with where it stands."""
        for where, source in self._sources:
            for literal in source.literals():
                yield where, literal

    @cached_property
    def lists(self) -> Sequence[MediaItem | Link]:
        """The tracks of all objects and arrays, wherever in the scripts they stand."""
        # An extension that is joined to names makes tracks of names that stand anywhere.
        anywhere = any(_HINT.search(join.after) for join in self._joins)
        sources = self._sources if anywhere else self._hinted
        return [each for where, source in sources for each in self._in_source(where, source)]

    @cached_property
    def _hinted(self) -> Sequence[tuple[str, javascript.Source]]:
        return [each for each in self._sources if _HINT.search(each[1].text)]

    @cached_property
    def _joins(self) -> Sequence[javascript.Join]:
        return [join for _, source in self._hinted for join in source.joins()]

    def _in_source(self, where: str, source: javascript.Source) -> Iterator[MediaItem | Link]:
        for literal in self._literals(source):
            yield from tracks.read(self._page, literal, where)
        for path, entries in _pushed(source).items():
            whole = tracks.completed(self._page, entries, self._joins)
            yield from tracks.read(self._page, whole, f"{where}: {path}")

    def _literals(self, source: javascript.Source) -> Iterator[Any]:
        """A script's literals; `base + tracks[i].file`, if it is there, makes addresses whole."""
        plain = [join for join in self._joins if not join.name][:MOST_PLAIN_LISTS]
        lists = [
            (assignment.value, join)
            for join in plain
            for assignment in source.assignments(join.owner.rpartition(".")[2])
        ]
        for literal in source.literals():
            fitting = [join for known, join in lists if known == literal]
            if fitting and isinstance(literal, list):
                whole = tracks.whole_addresses
                yield [whole(self._page, each, fitting) or each for each in literal]
            else:
                yield tracks.completed(self._page, literal, self._joins)


def _pushed(source: javascript.Source) -> Mapping[str, list[Any]]:
    """Track lists that are made entry by entry: `list.push({…}); list.push({…})`."""
    lists: dict[str, list[Any]] = {}
    for call in source.calls("push"):
        lists.setdefault(call.path, []).extend(each for each in call.args if each)
    return lists
