"""reelin: give it a web page, get every picture, track, video and file behind it.

    import reelin

    report = reelin.download("https://example.com/album", to="music", types={"audio"})

Names are loaded when they are first used: `import reelin` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reelin.sinks.disk import DiskSink as DiskSink
    from reelin.sinks.objects import ObjectSink as ObjectSink
    from reelin.sinks.stdout import StdoutSink as StdoutSink
    from reelin.sinks.zip import ZipSink as ZipSink

    from .archive.layout import Layout as Layout
    from .archive.outlet import FileOutlet as FileOutlet
    from .archive.outlet import Outlet as Outlet
    from .archive.outlet import StreamOutlet as StreamOutlet
    from .archive.zip_archive import ZipArchive as ZipArchive
    from .disk.folder import RunFolder as RunFolder
    from .disk.names import Names as Names
    from .disk.names import name_for as name_for
    from .media import hls as hls
    from .media import m3u8 as m3u8
    from .media import ytdlp as ytdlp
    from .model import facts as facts
    from .model.errors import ConvertError as ConvertError
    from .model.errors import ExtractError as ExtractError
    from .model.errors import FetchError as FetchError
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
    from .model.events import Saved as Saved
    from .model.events import Skipped as Skipped
    from .model.events import Started as Started
    from .model.events import Warned as Warned
    from .model.events import as_dict as as_dict
    from .model.http_date import parse_http_date as parse_http_date
    from .model.item import Alternative as Alternative
    from .model.item import Audio as Audio
    from .model.item import Head as Head
    from .model.item import Link as Link
    from .model.item import MediaItem as MediaItem
    from .model.item import MediaType as MediaType
    from .model.item import Stored as Stored
    from .model.item import file_identity as file_identity
    from .model.media_types import FEEDS as FEEDS
    from .model.media_types import PLAYLISTS as PLAYLISTS
    from .model.media_types import extension as extension
    from .model.media_types import type_of as type_of
    from .model.outcomes import Restarted as Restarted
    from .model.resolution import Resolution as Resolution
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
    from .page.metadata import linked_data as linked_data
    from .page.metadata import media_rss as media_rss
    from .page.metadata import open_graph as open_graph
    from .page.metadata import playlist as playlist
    from .page.metadata import posts as posts
    from .page.metadata import schema_org as schema_org
    from .page.page import Page as Page
    from .page.page import Script as Script
    from .page.scripts import Scripts as Scripts
    from .plugins.extractor import Extractor as Extractor
    from .plugins.extractor import Finds as Finds
    from .plugins.filter import KEEP as KEEP
    from .plugins.filter import UNKNOWN as UNKNOWN
    from .plugins.filter import Filter as Filter
    from .plugins.filter import Verdict as Verdict
    from .plugins.filter import drop as drop
    from .plugins.hookspecs import hookimpl as hookimpl
    from .plugins.player import Player as Player
    from .plugins.registry import Registry as Registry
    from .plugins.sink import Sink as Sink
    from .plugins.transfer import Order as Order
    from .plugins.transfer import Transfer as Transfer
    from .run.filters import Date as Date
    from .run.filters import Extension as Extension
    from .run.filters import Size as Size
    from .run.filters import Type as Type
    from .run.report import Report as Report
    from .run.run import Run as Run
    from .run.session import Session as Session
    from .run.session import download as download
    from .run.session import find as find
    from .run.tasks.manager import DownloadManager as DownloadManager
    from .run.zip_stream import Wanted as Wanted
    from .run.zip_stream import ZipStream as ZipStream
    from .run.zip_stream import resume_point as resume_point
    from .transfer.ytdlp.download import YtdlpTransfer as YtdlpTransfer

__version__ = "0.1.0"

# Which module each public name comes from.
_HOMES = {
    "archive.zip_archive": "ZipArchive",
    "archive.layout": "Layout",
    "archive.outlet": "FileOutlet Outlet StreamOutlet",
    "model.errors": (
        "ConvertError ExtractError FetchError PluginError ReelinError SinkError SinkLost UsageError"
    ),
    "model.events": "Event Failed Finished Found Progress Saved Skipped Started Warned as_dict",
    "plugins.extractor": "Extractor Finds",
    "run.filters": "Date Extension Size Type",
    "disk.folder": "RunFolder",
    "plugins.hookspecs": "hookimpl",
    "model.http_date": "parse_http_date",
    "model.media_types": "FEEDS PLAYLISTS extension type_of",
    "model.item": "Alternative Audio Head Link MediaItem MediaType Stored file_identity",
    "disk.names": "Names name_for",
    "net.network": "Network",
    "page.page": "Page Script",
    "plugins.player": "Player",
    "plugins.registry": "Registry",
    "model.resolution": "Resolution",
    "run.report": "Report",
    "run.run": "Run",
    "page.scripts": "Scripts",
    "run.session": "Session download find",
    "plugins.sink": "Sink",
    "sinks.disk": "DiskSink",
    "sinks.objects": "ObjectSink",
    "sinks.stdout": "StdoutSink",
    "sinks.zip": "ZipSink",
    "run.tasks.manager": "DownloadManager",
    "model.outcomes": "Restarted",
    "plugins.transfer": "Order Transfer",
    "transfer.ytdlp.download": "YtdlpTransfer",
    "plugins.filter": "KEEP UNKNOWN Filter Verdict drop",
    "run.zip_stream": "Wanted ZipStream resume_point",
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names.split()}
_MODULES = {
    "answer": "page.file_item",
    "attributes": "page.attributes",
    "elements": "page.elements",
    "facts": "model.facts",
    "hls": "media.hls",
    "javascript": "page.javascript",
    "linked_data": "page.metadata.linked_data",
    "m3u8": "media.m3u8",
    "media_rss": "page.metadata.media_rss",
    "noise": "page.noise",
    "open_graph": "page.metadata.open_graph",
    "pagination": "page.pagination",
    "pictures": "page.pictures",
    "playlist": "page.metadata.playlist",
    "posts": "page.metadata.posts",
    "schema_org": "page.metadata.schema_org",
    "srcset": "page.srcset",
    "thumbs": "page.thumbs",
    "tracks": "page.tracks",
    "xml": "page.xml",
    "ytdlp": "media.ytdlp",
}

__all__ = [
    "FEEDS",
    "KEEP",
    "PLAYLISTS",
    "UNKNOWN",
    "Alternative",
    "Audio",
    "ConvertError",
    "Date",
    "DiskSink",
    "DownloadManager",
    "Event",
    "Extension",
    "ExtractError",
    "Extractor",
    "Failed",
    "FetchError",
    "FileOutlet",
    "Filter",
    "Finds",
    "Finished",
    "Found",
    "Head",
    "Layout",
    "Link",
    "MediaItem",
    "MediaType",
    "Names",
    "Network",
    "ObjectSink",
    "Order",
    "Outlet",
    "Page",
    "Player",
    "PluginError",
    "Progress",
    "ReelinError",
    "Registry",
    "Report",
    "Resolution",
    "Restarted",
    "Run",
    "RunFolder",
    "Saved",
    "Script",
    "Scripts",
    "Session",
    "Sink",
    "SinkError",
    "SinkLost",
    "Size",
    "Skipped",
    "Started",
    "StdoutSink",
    "Stored",
    "StreamOutlet",
    "Transfer",
    "Type",
    "UsageError",
    "Verdict",
    "Wanted",
    "Warned",
    "YtdlpTransfer",
    "ZipArchive",
    "ZipSink",
    "ZipStream",
    "__version__",
    "answer",
    "as_dict",
    "attributes",
    "download",
    "drop",
    "elements",
    "extension",
    "facts",
    "file_identity",
    "find",
    "hls",
    "hookimpl",
    "javascript",
    "linked_data",
    "m3u8",
    "media_rss",
    "name_for",
    "noise",
    "open_graph",
    "pagination",
    "parse_http_date",
    "pictures",
    "playlist",
    "posts",
    "resume_point",
    "schema_org",
    "srcset",
    "thumbs",
    "tracks",
    "type_of",
    "xml",
    "ytdlp",
]


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return import_module(f".{_MODULES[name]}", __name__)
    if name not in _HOME_OF:
        raise AttributeError(f"module 'reelin' has no attribute {name!r}")
    _be_silent()
    value = getattr(import_module(f".{_HOME_OF[name]}", __name__), name)
    globals()[name] = value
    return value


def _be_silent() -> None:
    """Keep warnings from stderr in programs that listen to no log (the docs of `logging`)."""
    import logging

    logger = logging.getLogger(__name__)
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
