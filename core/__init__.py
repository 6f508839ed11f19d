"""reelin: give it a web page, get every picture, track, video and file behind it.

    import reelin

    report = reelin.download("https://example.com/album", to="music", types={"audio"})

Names are loaded when they are first used: `import reelin` costs next to nothing.
"""

from __future__ import annotations

if __name__ != "reelin":
    raise ImportError("core/ is the package 'reelin'; install it with: pip install -e .")

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reelin.sinks.disk import DiskSink as DiskSink
    from reelin.sinks.objects import ObjectSink as ObjectSink
    from reelin.sinks.stdout import StdoutSink as StdoutSink
    from reelin.sinks.zip import ZipSink as ZipSink

    from . import answer as answer
    from . import attributes as attributes
    from . import elements as elements
    from . import facts as facts
    from . import hls as hls
    from . import javascript as javascript
    from . import linked_data as linked_data
    from . import m3u8 as m3u8
    from . import media_rss as media_rss
    from . import noise as noise
    from . import open_graph as open_graph
    from . import pagination as pagination
    from . import pictures as pictures
    from . import playlist as playlist
    from . import posts as posts
    from . import schema_org as schema_org
    from . import srcset as srcset
    from . import thumbs as thumbs
    from . import tracks as tracks
    from . import xml as xml
    from . import ytdlp as ytdlp
    from .archive.archive import ZipArchive as ZipArchive
    from .archive.layout import Layout as Layout
    from .archive.outlet import FileOutlet as FileOutlet
    from .archive.outlet import Outlet as Outlet
    from .archive.outlet import StreamOutlet as StreamOutlet
    from .errors import ConvertError as ConvertError
    from .errors import ExtractError as ExtractError
    from .errors import FetchError as FetchError
    from .errors import PluginError as PluginError
    from .errors import ReelinError as ReelinError
    from .errors import SinkError as SinkError
    from .errors import SinkLost as SinkLost
    from .errors import UsageError as UsageError
    from .events import Event as Event
    from .events import Failed as Failed
    from .events import Finished as Finished
    from .events import Found as Found
    from .events import Progress as Progress
    from .events import Saved as Saved
    from .events import Skipped as Skipped
    from .events import Started as Started
    from .events import Warned as Warned
    from .events import as_dict as as_dict
    from .extractor import Extractor as Extractor
    from .extractor import Finds as Finds
    from .filters import Date as Date
    from .filters import Extension as Extension
    from .filters import Size as Size
    from .filters import Type as Type
    from .folder import RunFolder as RunFolder
    from .hookspecs import hookimpl as hookimpl
    from .http_date import parse_http_date as parse_http_date
    from .media_types import FEEDS as FEEDS
    from .media_types import PLAYLISTS as PLAYLISTS
    from .media_types import extension as extension
    from .media_types import type_of as type_of
    from .models import Alternative as Alternative
    from .models import Audio as Audio
    from .models import Head as Head
    from .models import Link as Link
    from .models import MediaItem as MediaItem
    from .models import MediaType as MediaType
    from .models import Stored as Stored
    from .models import file_identity as file_identity
    from .names import Names as Names
    from .names import name_for as name_for
    from .network import Network as Network
    from .page import Page as Page
    from .page import Script as Script
    from .player import Player as Player
    from .registry import Registry as Registry
    from .renditions import Resolution as Resolution
    from .report import Report as Report
    from .run import Run as Run
    from .scripts import Scripts as Scripts
    from .session import Session as Session
    from .session import download as download
    from .session import find as find
    from .sink import Sink as Sink
    from .tasks.manager import DownloadManager as DownloadManager
    from .transfer.base import Order as Order
    from .transfer.base import Restarted as Restarted
    from .transfer.base import Transfer as Transfer
    from .transfer.ytdlp import YtdlpTransfer as YtdlpTransfer
    from .verdict import KEEP as KEEP
    from .verdict import UNKNOWN as UNKNOWN
    from .verdict import Filter as Filter
    from .verdict import Verdict as Verdict
    from .verdict import drop as drop
    from .zip_stream import Wanted as Wanted
    from .zip_stream import ZipStream as ZipStream
    from .zip_stream import resume_point as resume_point

__version__ = "0.1.0"

# Which module each public name comes from.
_HOMES = {
    "archive.archive": "ZipArchive",
    "archive.layout": "Layout",
    "archive.outlet": "FileOutlet Outlet StreamOutlet",
    "errors": (
        "ConvertError ExtractError FetchError PluginError ReelinError SinkError SinkLost UsageError"
    ),
    "events": "Event Failed Finished Found Progress Saved Skipped Started Warned as_dict",
    "extractor": "Extractor Finds",
    "filters": "Date Extension Size Type",
    "folder": "RunFolder",
    "hookspecs": "hookimpl",
    "http_date": "parse_http_date",
    "media_types": "FEEDS PLAYLISTS extension type_of",
    "models": "Alternative Audio Head Link MediaItem MediaType Stored file_identity",
    "names": "Names name_for",
    "network": "Network",
    "page": "Page Script",
    "player": "Player",
    "registry": "Registry",
    "renditions": "Resolution",
    "report": "Report",
    "run": "Run",
    "scripts": "Scripts",
    "session": "Session download find",
    "sink": "Sink",
    "sinks.disk": "DiskSink",
    "sinks.objects": "ObjectSink",
    "sinks.stdout": "StdoutSink",
    "sinks.zip": "ZipSink",
    "tasks.manager": "DownloadManager",
    "transfer.base": "Order Restarted Transfer",
    "transfer.ytdlp": "YtdlpTransfer",
    "verdict": "KEEP UNKNOWN Filter Verdict drop",
    "zip_stream": "Wanted ZipStream resume_point",
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names.split()}
_MODULES = tuple(
    "answer attributes elements facts hls javascript linked_data m3u8 media_rss noise open_graph"
    " pagination pictures playlist posts schema_org srcset thumbs tracks xml ytdlp".split()
)

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
        return import_module(f".{name}", __name__)
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
