"""Which transfer fetches an item: its extractor's own, or that of its protocol."""

from __future__ import annotations

from ..media.ffmpeg import Ffmpeg
from ..model.media_types import STREAMS
from ..net.client import Client
from ..plugins.calls import describe, plugin_error, preview
from ..plugins.extractor import Extractor
from ..plugins.registry import Registry
from ..plugins.transfer import Order, Transfer
from .convert.covers import Covers
from .http.resource import HttpTransfer


class Transfers:
    """The transfers of one run."""

    def __init__(self, client: Client, registry: Registry, ffmpeg: Ffmpeg) -> None:
        self._client = client
        self._registry = registry
        self._ffmpeg = ffmpeg
        self._covers = Covers(client)
        self._extractors: dict[str, Extractor | None] = {}  # by name, as each item asks

    def choose(self, order: Order) -> Transfer:
        """Return the transfer for an order.

        Raises `PluginError` where there is none, or an extractor's own goes wrong, and
        `UsageError` where audio is to be converted and there is no ffmpeg.
        """
        transfer = self._by_extractor(order) or self._by_protocol(order)
        if order.item.audio is None:
            return transfer
        self._ffmpeg.require()
        from .convert.transcoded import Transcoded

        return Transcoded(order, transfer, order.item.audio, self._ffmpeg, self._covers)

    def _by_extractor(self, order: Order) -> Transfer | None:
        item = order.item
        try:
            if item.extractor not in self._extractors:
                self._extractors[item.extractor] = self._registry.get(item.extractor)
            extractor = self._extractors[item.extractor]
            own = extractor.transfer(order) if extractor is not None else None
        except (Exception, SystemExit) as error:
            raise plugin_error(item.extractor, item.url, describe(error)) from error
        if not isinstance(own, Transfer | None):
            what = f"transfer() returned {preview(own)}, and not a Transfer or None"
            raise plugin_error(item.extractor, item.url, what)
        return own

    def _by_protocol(self, order: Order) -> Transfer:
        item = order.item
        if item.protocol == "hls":
            from .hls.stream import HlsTransfer  # costs a sixth of the start, and is rare

            return HlsTransfer(order, self._client, self._ffmpeg)
        if item.protocol == "http" and (item.format is None or item.mime in STREAMS):
            return HttpTransfer(order, self._client)
        what = f"it has no transfer for {item.format or item.protocol!r}"
        raise plugin_error(item.extractor, item.url, what)
