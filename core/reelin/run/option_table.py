"""The table of all that may be asked of a run: names, kinds of values, bounds, defaults, help.

It imports little, as `--help` waits for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from ..model.audio import AUDIO_FORMATS, AUDIO_QUALITIES
from ..model.media_types import MEDIA_TYPES
from ..model.units import parse_date, parse_rate, parse_size
from .option_kinds import (
    Flag,
    Kind,
    OneOf,
    Quantity,
    Seconds,
    Tables,
    Text,
    Texts,
    WholeNumber,
    WordList,
)

Group: TypeAlias = Literal["what", "which", "network"]

_WEEK = 7 * 86400.0  # seconds
_SIZE = Quantity(parse_size, ("integer", "string"), ("10k", "5M", "1.5GiB"))
_RATE = Quantity(parse_rate, ("integer", "string"), ("500k", "2M"))
_FIRST = Quantity(parse_date, ("string",), ("2026-01-31", "2026-01-31T18:30"))
_LAST = Quantity(lambda text: parse_date(text, end=True), _FIRST.types, _FIRST.examples)


@dataclass(frozen=True, slots=True)
class RunOption:
    """An option of a run.

    name:    as it is typed, without the dashes in front
    group:   `what` is taken and made of it, `which` items are wanted, how the `network` is used
    default: None where it has no value of its own
    aliases: other names that mean the same
    """

    name: str
    kind: Kind
    group: Group
    help: str
    default: Any = None
    aliases: tuple[str, ...] = ()

    def schema(self) -> dict[str, Any]:
        """Describe it in the words of JSON Schema, for a form."""
        default = {} if self.default is None else {"default": self.default}
        return {**self.kind.schema(), **default, "description": self.help, "x-group": self.group}


OPTIONS = (
    RunOption("plugin", Text(), "what", "Use this extractor; see --list-plugins."),
    RunOption("no-plugin", Texts(), "what", "Leave this extractor out."),
    RunOption("plugins", Tables(), "what", "Options of extractors, by their names."),
    RunOption("workers", WholeNumber(1, 20), "what", "Downloads at the same time.", 5),
    RunOption("live", Seconds(0, _WEEK), "what", "Record so much of a live stream (else refused)."),
    RunOption(
        "audio-format",
        OneOf(AUDIO_FORMATS),
        "what",
        "Save all audio, also that of videos, as this.",
    ),
    RunOption("audio-quality", OneOf(AUDIO_QUALITIES), "what", "For --audio-format; default best."),
    RunOption("ffmpeg-location", Text(), "what", "The ffmpeg to use, or its folder."),
    RunOption("fail-fast", Flag(), "what", "Begin nothing further after a failure.", False),
    RunOption("filter", Texts(), "which", "Keep what a plugin's filter keeps."),
    RunOption(
        "type",
        WordList(MEDIA_TYPES),
        "which",
        "Only image, video, audio, document, archive, other.",
    ),
    RunOption("ext", WordList(), "which", "Only these extensions."),
    RunOption("exclude-ext", WordList(), "which", "Not these extensions."),
    RunOption(
        "resolution",
        Text(),
        "which",
        "Of videos: 1280x720, 720p, best or worst; else the nearest that is not above.",
    ),
    RunOption("min-size", _SIZE, "which", "At least 10k, 5M, 1.5GiB."),
    RunOption("max-size", _SIZE, "which", "At most this size."),
    RunOption(
        "date-from", _FIRST, "which", "Published on 2026-01-31 or later.", aliases=("after",)
    ),
    RunOption("date-to", _LAST, "which", "Published on that date or earlier.", aliases=("before",)),
    RunOption("retries", WholeNumber(0, 100), "network", "Further attempts without progress.", 3),
    RunOption(
        "timeout", Seconds(0.1, 3600), "network", "Silence after which a try has failed.", 30.0
    ),
    RunOption(
        "retry-wait",
        Seconds(0, 3600),
        "network",
        "Before the second try; then twice as long each time, up to 30 s.",
        0.5,
    ),
    RunOption(
        "connect-timeout",
        Seconds(0.1, 3600),
        "network",
        "So long may connecting take (default: as --timeout).",
    ),
    RunOption("limit-rate", _RATE, "network", "500k, 2M a second in all."),
    RunOption(
        "per-host",
        WholeNumber(1, 100),
        "network",
        "Connections to one host (default: as many as workers).",
    ),
    RunOption(
        "connections",
        WholeNumber(1, 32),
        "network",
        "Parallel ranges of each big file (default: as many as help, within workers).",
    ),
    RunOption(
        "proxy",
        Text(may_be_empty=True),
        "network",
        "HTTP or SOCKS proxy; none: not even the environment's.",
    ),
    RunOption("user-agent", Text(), "network", "User-Agent header."),
    RunOption(
        "header",
        Texts(),
        "network",
        "A request header; secret ones go to the URL's own site only.",
    ),
    RunOption("cookies", Text(), "network", "Cookies from a cookies.txt."),
    RunOption("cookies-from-browser", Text(), "network", "firefox, chrome:Profile 1, …."),
    RunOption("netrc", Flag(), "network", "Logins from ~/.netrc.", False),
    RunOption("no-private", Flag(), "network", "Refuse addresses that are not public.", False),
)
BY_NAME = {name: each for each in OPTIONS for name in (each.name, *each.aliases)}
