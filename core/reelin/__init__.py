"""reelin: give it a web page, get every picture, track, video and file behind it.

    import reelin

    report = reelin.download("https://example.com/album", to="music", types={"audio"})

Names are loaded when they are first used: `import reelin` costs next to nothing.
"""

from __future__ import annotations

import builtins
from types import SimpleNamespace

TYPE_CHECKING = False  # for type checkers it is true: who only imports reelin needs no `typing`
if TYPE_CHECKING:
    from typing import Any


class _Home:
    """The module that a public name comes from, and its name there."""

    def __init__(self, module: str, name: str) -> None:
        self.module = module
        self.name = name


class _Deferred:
    """While this is entered, the imports of this file note where names come from, and load nothing.

    So one list of plain imports serves Python, type checkers and editors alike.
    """

    def __enter__(self) -> None:
        self._import = builtins.__import__
        vars(builtins)["__import__"] = self._note

    def __exit__(self, *exc: object) -> None:
        vars(builtins)["__import__"] = self._import

    def _note(self, module: str, importer: Any = None, *rest: Any, **named: Any) -> Any:
        if importer is not globals():  # another thread imports something at the same time
            return self._import(module, importer, *rest, **named)
        names = rest[1]
        return SimpleNamespace(**{name: _Home(module, name) for name in names})


__version__ = "0.1.0"

with _Deferred():
    from .archive.kept import Kept as Kept
    from .archive.layout import Layout as Layout
    from .archive.outlet import FileOutlet as FileOutlet
    from .archive.outlet import Outlet as Outlet
    from .archive.outlet import StreamOutlet as StreamOutlet
    from .archive.stored_archive import StoredArchive as StoredArchive
    from .archive.stored_archive import archive_of as archive_of
    from .archive.wanted import Wanted as Wanted
    from .archive.wanted import resume_point as resume_point
    from .archive.zip_archive import ZipArchive as ZipArchive
    from .disk.check import list_stored as list_stored
    from .disk.folder import RunFolder as RunFolder
    from .disk.names import Names as Names
    from .disk.names import name_for as name_for
    from .disk.space import DiskSpace as DiskSpace
    from .media import hls_variants as hls
    from .media import m3u8 as m3u8
    from .media import ytdlp as ytdlp
    from .model import facts as facts
    from .model.audio import Audio as Audio
    from .model.errors import ConvertError as ConvertError
    from .model.errors import ExtractError as ExtractError
    from .model.errors import FetchError as FetchError
    from .model.errors import LoginRequired as LoginRequired
    from .model.errors import PluginError as PluginError
    from .model.errors import ReelinError as ReelinError
    from .model.errors import SinkError as SinkError
    from .model.errors import SinkLost as SinkLost
    from .model.errors import UsageError as UsageError
    from .model.events import Event as Event
    from .model.events import Failed as Failed
    from .model.events import Finished as Finished
    from .model.events import Found as Found
    from .model.events import Progress as Progress
    from .model.events import Retried as Retried
    from .model.events import Saved as Saved
    from .model.events import Skipped as Skipped
    from .model.events import Started as Started
    from .model.events import Warned as Warned
    from .model.events import as_dict as as_dict
    from .model.facts import parse_http_date as parse_http_date
    from .model.item import Alternative as Alternative
    from .model.item import Link as Link
    from .model.item import MediaItem as MediaItem
    from .model.item import file_identity as file_identity
    from .model.likeness import bytes_likeness as bytes_likeness
    from .model.likeness import version_likeness as version_likeness
    from .model.media_types import FEEDS as FEEDS
    from .model.media_types import HLS_TYPES as HLS_TYPES
    from .model.media_types import PLAYLISTS as PLAYLISTS
    from .model.media_types import MediaType as MediaType
    from .model.media_types import extension as extension
    from .model.media_types import type_of as type_of
    from .model.outcomes import AlreadyStored as AlreadyStored
    from .model.outcomes import Restarted as Restarted
    from .model.resolution import Resolution as Resolution
    from .model.stored import Head as Head
    from .model.stored import Stored as Stored
    from .net.network import Network as Network
    from .page import attributes as attributes
    from .page import elements as elements
    from .page import file_item as answer
    from .page import javascript as javascript
    from .page import noise as noise
    from .page import pagination as pagination
    from .page import pictures as pictures
    from .page import srcset as srcset
    from .page import thumbs as thumbs
    from .page import tracks as tracks
    from .page import xml as xml
    from .page.document import Script as Script
    from .page.metadata import linked_data as linked_data
    from .page.metadata import media_rss as media_rss
    from .page.metadata import open_graph as open_graph
    from .page.metadata import playlist as playlist
    from .page.metadata import posts as posts
    from .page.metadata import schema_org as schema_org
    from .page.page import Page as Page
    from .page.scripts import Scripts as Scripts
    from .plugins.extractor import Extractor as Extractor
    from .plugins.extractor import Finds as Finds
    from .plugins.filter import KEEP as KEEP
    from .plugins.filter import UNKNOWN as UNKNOWN
    from .plugins.filter import Filter as Filter
    from .plugins.filter import Verdict as Verdict
    from .plugins.filter import drop as drop
    from .plugins.hooks import hookimpl as hookimpl
    from .plugins.player import Player as Player
    from .plugins.registry import Registry as Registry
    from .plugins.sink import Sink as Sink
    from .plugins.transfer import Order as Order
    from .plugins.transfer import Transfer as Transfer
    from .plugins.transfer import Watcher as Watcher
    from .run.blocking import download as download
    from .run.blocking import find as find
    from .run.filters import Date as Date
    from .run.filters import Extension as Extension
    from .run.filters import Size as Size
    from .run.filters import Type as Type
    from .run.look import look as look
    from .run.report import Report as Report
    from .run.run import Run as Run
    from .run.session import Session as Session
    from .run.tasks.manager import DownloadManager as DownloadManager
    from .run.zip_stream import ZipStream as ZipStream
    from .sinks.disk import DiskSink as DiskSink
    from .sinks.objects import ObjectSink as ObjectSink
    from .sinks.stdout import StdoutSink as StdoutSink
    from .sinks.zip import ZipSink as ZipSink
    from .transfer.ytdlp.download import YtdlpTransfer as YtdlpTransfer

_HOMES = {name: home for name, home in globals().items() if isinstance(home, _Home)}
for _name in _HOMES:
    del globals()[_name]  # so that `__getattr__` is asked for it

# Constants, classes, and all else.
__all__ = sorted(
    ["__version__", *_HOMES],
    key=lambda name: (not name.isupper(), not name[0].isupper(), name),
)


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'reelin' has no attribute {name!r}")
    _be_silent()
    module = __import__(f"{__name__}.{home.module}", fromlist=[home.name])
    value = globals()[name] = getattr(module, home.name)
    return value


def _be_silent() -> None:
    """Keep warnings from stderr in programs that listen to no log (the docs of `logging`)."""
    import logging

    logger = logging.getLogger(__name__)
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())


def __dir__() -> list[str]:
    return [*__all__]
