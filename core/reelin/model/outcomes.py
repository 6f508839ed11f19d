"""How a transfer may end other than well, besides with a plain `FetchError`."""

from __future__ import annotations

from .errors import FetchError
from .stored import Stored


class Refused(Exception):
    """A filter refused an item by what its answer said. Not an error: the item is skipped."""

    def __init__(self, rule: str, reason: str) -> None:
        super().__init__(reason)
        self.rule = rule
        self.reason = reason


class Misjudged(Exception):
    """The answer is no file but what another protocol begins with. `mime`: what it is."""

    def __init__(self, mime: str) -> None:
        super().__init__(mime)
        self.mime = mime


class Restarted(FetchError):
    """A body had to begin anew. Who can drop what he has reads `chunks()` again."""


class NoSuchFile(FetchError):
    """What came is no file of the item's type, but a page, or what programs answer with."""


class Damaged(FetchError):
    """A body came whole, and is not what its server says that it is: nothing of it is any good."""


class AlreadyStored(Exception):
    """The body that came is that of a file that is here already, as `stored` says. No error."""

    def __init__(self, stored: Stored) -> None:
        super().__init__(f"saved already as {stored.name}")
        self.stored = stored
