"""The base class of every sink: where verified bytes go."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Self

from ..model.item import MediaItem
from ..model.stored import Stored

if TYPE_CHECKING:
    from .transfer import Transfer


class Sink:
    """Stores items. Subclass it, name it, write `write`: that is a sink.

    A run enters the sink before its first item and leaves it after its last, also when it was
    cancelled. `write` is called for several items at once.
    """

    name: ClassVar[str] = ""

    async def __aenter__(self) -> Self:
        """Get ready: make the folder, open the archive. Raise `SinkError` if that cannot be."""
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Finish what is complete, drop what is not."""

    async def write(self, item: MediaItem, transfer: Transfer) -> Stored:
        """Store the bytes of `transfer`; return only once they are complete and safe.

        Raise `SinkError` when this place cannot take them, `SinkLost` when it can take nothing
        further: that ends the run. Errors of `transfer` pass through.
        """
        raise NotImplementedError(f"{type(self).__name__} has no write()")

    async def recall(self, url: str) -> MediaItem | None:
        """Return the file that `url` itself is, if it is here or was begun, as it was found then.

        Its address is then not looked at as a page: `write` gets the item, as any other, and asks
        for no more of it than is missing. This is called before the sink is entered. None: it
        has to be looked at.
        """
        return None

    def take_doubts(self) -> Sequence[MediaItem]:
        """Return items that `write` took for stored and is no longer sure of, each once.

        The run has them written again before it leaves the sink.
        """
        return ()
