"""The options of a run as one value: what the values of `option_table.py` mean together.

The command line, a TOML file, the environment and a form of a page all come through here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from ..model.audio import Audio
from ..model.errors import UsageError
from ..model.resolution import Resolution
from ..net.network import DEFAULT_USER_AGENT, Network
from ..plugins.filter import Filter
from ..plugins.options import suggest
from .filters import Date, Extension, Size, Type
from .option_table import BY_NAME, OPTIONS


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """The options of a run: whatever may be asked, but for its URLs and where its items go.

    plugin:     name of the one extractor to use; None: choose by URL
    filters:    the first that refuses an item decides
    plugin_filters: further ones of plugins, each as `NAME:key=value,…`
    resolution: which rendition of videos to take; None: the best
    live:       seconds that are recorded of streams without an end; None: they are refused
    audio:      what all audio, also that of videos, is to become; None: all stays as it is
    fail_fast:  begin nothing further after the first failure

    These are of the session that the run belongs to, and not looked at by `Session.run_with`:

    network, workers, ffmpeg: as `Session` takes them
    without:    names of extractors that are left out
    plugin_options: option values by extractor, as `Registry.configured` takes them
    """

    plugin: str | None = None
    filters: tuple[Filter, ...] = ()
    plugin_filters: tuple[str, ...] = ()
    resolution: Resolution | None = None
    live: float | None = None
    audio: Audio | None = None
    fail_fast: bool = False
    network: Network = field(default_factory=Network)
    workers: int = 5
    ffmpeg: Path | None = None
    without: tuple[str, ...] = ()
    plugin_options: Mapping[str, Mapping[str, object]] = field(default_factory=dict)

    @classmethod
    def of(cls, values: Mapping[str, object]) -> Self:
        """Return what options mean, given by name: `{"type": ["audio"], "min_size": "10k"}`.

        Names are those of the command line, with `-` or `_`. Values are text as one types it, or
        the types of TOML and JSON. None: not given.

        Raises `UsageError`, which names the option, for one that there is not, a value that does
        not fit, and options that contradict each other.
        """
        given = _parse(values)
        return cls(
            plugin=given["plugin"],
            filters=tuple(_make_filters(given)),
            plugin_filters=given["filter"] or (),
            resolution=Resolution.of(given["resolution"]) if given["resolution"] else None,
            live=given["live"],
            audio=_make_audio(given),
            fail_fast=given["fail-fast"],
            network=_make_network(given),
            workers=given["workers"],
            ffmpeg=_path(given["ffmpeg-location"]),
            without=given["no-plugin"] or (),
            plugin_options=given["plugins"] or {},
        )

    @staticmethod
    def schema() -> dict[str, Any]:
        """Describe what `of` takes as a JSON Schema (draft 2020-12): an object of all options.

        Each has its type, bounds, default and help text (`description`), and `x-group` for a form.
        """
        properties = {each.name.replace("-", "_"): each.schema() for each in OPTIONS}
        return {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "properties": properties,
            "additionalProperties": False,
        }


def _parse(values: Mapping[str, object]) -> dict[str, Any]:
    """Return the values of all options by name, with defaults for those that are not given."""
    parsed = {each.name: each.default for each in OPTIONS}
    for name, value in values.items():
        option = BY_NAME.get(name.replace("_", "-"))
        if option is None:
            raise UsageError(f"there is no option {name!r}{suggest(name, list(BY_NAME))}")
        if value is not None:
            try:
                parsed[option.name] = option.kind.parse(value)
            except UsageError as error:
                raise UsageError(f"{name}: {error}") from None
    return parsed


def _make_filters(given: Mapping[str, Any]) -> Iterator[Filter]:
    if given["type"]:
        yield Type(frozenset(given["type"]))
    only, never = given["ext"], given["exclude-ext"]
    if only or never:
        yield Extension(frozenset(only or ()), frozenset(never or ()))
    least, most = given["min-size"], given["max-size"]
    if least is not None or most is not None:
        if most is not None and (least or 0) > most:
            raise UsageError("--min-size is larger than --max-size: nothing would be left")
        yield Size(least or 0, most)
    first, last = given["date-from"], given["date-to"]
    if first or last:
        if first and last and first > last:
            raise UsageError("--date-from is after --date-to: nothing would be left")
        yield Date(first, last)


def _make_audio(given: Mapping[str, Any]) -> Audio | None:
    wanted, quality = given["audio-format"], given["audio-quality"]
    if quality and not wanted:
        raise UsageError("--audio-quality needs --audio-format")
    return Audio(wanted, quality or "best") if wanted else None


def _make_network(given: Mapping[str, Any]) -> Network:
    return Network(
        retries=given["retries"],
        retry_wait=given["retry-wait"],
        timeout=given["timeout"],
        connect_timeout=given["connect-timeout"],
        limit_rate=given["limit-rate"],
        per_host=given["per-host"],
        connections=given["connections"],
        proxy=given["proxy"],
        user_agent=given["user-agent"] or DEFAULT_USER_AGENT,
        headers=dict(_split_header(each) for each in given["header"] or ()),
        cookies=_path(given["cookies"]),
        cookies_from_browser=given["cookies-from-browser"],
        netrc=given["netrc"],
        allow_private=not given["no-private"],
    )


def _split_header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon:
        raise UsageError(f"header {text!r}: write it as 'Name: value'")
    return name.strip(), value.strip()


def _path(text: str | None) -> Path | None:
    return Path(text).expanduser() if text else None
