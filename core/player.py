"""The base of extractors that know one player: what its calls and properties are given is read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar

from . import tracks
from .elements import playable
from .extractor import Extractor
from .media_types import media_type
from .models import Link, MediaItem

if TYPE_CHECKING:
    from .page import Page
    from .scripts import Scripts


class Player(Extractor):
    """Finds what one JavaScript player plays. Name its marks and calls: that is an extractor.

    marks:       text of which a page with that player contains at least one
    calls:       functions and methods whose arguments hold sources: `setup` or `player.load`
    assignments: properties that are set to sources
    plays:       MIME type of an address without a known extension; None: such are no media
    """

    marks: ClassVar[tuple[str, ...]] = ()
    calls: ClassVar[tuple[str, ...]] = ()
    assignments: ClassVar[tuple[str, ...]] = ()
    plays: ClassVar[str | None] = None

    def extract(self, page: Page) -> Iterator[MediaItem | Link]:
        """Yield what the markup, then what the scripts of a page with that player hold."""
        if not page.is_markup or not any(mark in page.text for mark in self.marks):
            return
        yield from self.in_markup(page)
        yield from self.in_scripts(page, page.data)
        yield from page.data.lists

    def in_markup(self, page: Page) -> Iterable[MediaItem | Link]:
        """What the player's own elements and attributes hold. Here: nothing."""
        return ()

    def in_scripts(self, page: Page, scripts: Scripts) -> Iterator[MediaItem | Link]:
        """What the player's calls and properties are given."""
        for name in self.calls:
            for where, call in scripts.calls(name):
                for value in self.given(call.args):
                    yield from self.read(page, value, where)
        for name in self.assignments:
            for where, assignment in scripts.assignments(name):
                yield from self.read(page, assignment.value, where)

    def given(self, args: tuple[Any, ...]) -> Iterable[Any]:
        """The arguments of a call that may be sources. Here: all of them."""
        return args

    def read(self, page: Page, value: Any, where: str) -> Iterator[MediaItem | Link]:
        """The items of one value: an address, an object, or a list of them."""
        if isinstance(value, str):
            value = [{"src": value, "type": self.plays}]
        kind = playable(media_type(self.plays)) if self.plays else None
        yield from tracks.read(page, value, where, kind)
