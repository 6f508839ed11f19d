"""The base class of every extractor, built in or from a stranger's package."""

from __future__ import annotations

import re
from collections.abc import AsyncIterable, Iterable, Sequence
from dataclasses import FrozenInstanceError, dataclass
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias, dataclass_transform

from ..model.item import Link, MediaItem

if TYPE_CHECKING:
    from ..net.network import Network
    from ..page.page import Page
    from .transfer import Order, Transfer

Finds: TypeAlias = Iterable[MediaItem | Link] | AsyncIterable[MediaItem | Link]


class _Immutable:
    """A base that cannot be changed: one instance serves all pages, in several threads at once."""

    def __setattr__(self, name: str, value: object) -> None:
        raise FrozenInstanceError(
            f"{name!r} cannot be set, as an extractor is immutable: options are annotated fields,"
            " and what belongs to one page is kept within extract()"
        )


@dataclass_transform(frozen_default=True, kw_only_default=True)
@dataclass(frozen=True)
class Extractor(_Immutable):
    """Turns a page into media items. Subclass it, name it, write `extract`: that is a plugin.

    Annotated fields are its options: `max_pages: int = 10` is set by `Gallery(max_pages=3)`,
    `-O gallery.max_pages=3` or `[plugins.gallery]` in the configuration file. A help text goes
    into `Annotated[int, "stop after this many pages"]`. Instances are immutable: one serves all
    pages at once.

    name:     unique, lower case; what `--plugin` takes
    pattern:  regular expression matched from the start of a URL; empty: a general extractor,
              asked on every page that no pattern claims
    examples: URLs that `pattern` matches and no other extractor's does
    finds:    of a general extractor: a line of a page in which it finds something
    needs_page: False: only `page.url` counts, the page itself is not fetched
    reads:    MIME types of items, whoever found them, that are pages to this extractor: it is
              shown each, and what it yields completes or replaces the item
    stands_in: whether it leaves a URL to others, where their patterns claim it as well
    """

    name: ClassVar[str] = ""
    pattern: ClassVar[str] = ""
    examples: ClassVar[Sequence[str]] = ()
    finds: ClassVar[str] = ""
    needs_page: ClassVar[bool] = True
    reads: ClassVar[frozenset[str]] = frozenset()
    stands_in: ClassVar[bool] = False

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        # Else there is no option, and nothing to add. The second is Python 3.14's (PEP 749).
        if "__annotations__" in vars(cls) or "__annotate_func__" in vars(cls):
            dataclass(frozen=True, kw_only=True)(cls)

    def matches(self, url: str) -> bool:
        """Whether `pattern` claims this URL. A general extractor claims none.

        Called in a thread: an override may take its time over the first URL.
        """
        return bool(self.pattern) and re.match(self.pattern, url) is not None

    def for_session(self, network: Network, ffmpeg: str | None = None) -> Extractor:
        """Return the extractor for a session with these settings, if it has a network of its own.

        ffmpeg: where the program is, None: where it is found
        """
        return self

    def extract(self, page: Page) -> Finds:
        """Yield the items of a page, and links to further pages.

        A plain generator runs in a thread; `async def` with `yield` may `await page.get(url)`.
        Raise `ExtractError` when the page is not what it should be.
        """
        raise NotImplementedError(f"{type(self).__name__} has no extract()")

    def transfer(self, order: Order) -> Transfer | None:
        """Return what fetches one of its items, where a GET of its URL is not enough."""
        return None
