"""What a person asked for, checked: defaults < configuration file < environment < options."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from ..model import urls
from ..model.errors import UsageError
from ..model.item import Audio
from ..model.resolution import Resolution
from ..net.network import DEFAULT_USER_AGENT, Network
from ..plugins.filter import Filter
from .config import untyped_options

STDOUT = Path("-")  # where a file is to be named


@dataclass(frozen=True, slots=True)
class Target:
    """URLs that share one folder or archive; `name` is that folder below the output directory."""

    urls: tuple[str, ...]
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All that the commands need to know."""

    targets: tuple[Target, ...]
    output: str
    zip: Path | None
    zip_spool: bool
    network: Network
    filters: tuple[Filter, ...]
    plugin_filters: tuple[str, ...]
    sink: str | None
    resolution: Resolution | None
    live: float | None
    audio: Audio | None
    ffmpeg: Path | None
    plugin: str | None
    without: tuple[str, ...]
    plugin_options: Mapping[str, Mapping[str, object]]
    workers: int
    template: str | None
    overwrite: bool
    resume: bool
    fail_fast: bool
    dry_run: bool
    get_urls: bool
    as_json: bool
    explain: bool
    quiet: bool
    verbose: int
    progress: bool
    log_file: Path | None
    list_plugins: bool
    demo: bool

    @property
    def finds_only(self) -> bool:
        """Whether no media is to be fetched."""
        return self.dry_run or self.get_urls or self.explain

    @property
    def writes_to_stdout(self) -> bool:
        """Whether stdout is to carry an archive or a file, and nothing else."""
        return STDOUT in (self.zip, Path(self.output)) and not self.finds_only


def settings_from(ctx: click.Context, values: dict[str, Any]) -> Settings:
    """The settings that options, environment and configuration file make. Raises `UsageError`."""
    untyped, plugins = untyped_options(ctx, values["config"], skip=values["no_config"])
    values = values | untyped
    return Settings(
        targets=tuple(_targets(values)),
        output=_output(values),
        zip=_zip(values),
        zip_spool=values["zip_spool"],
        network=_network(values),
        filters=tuple(_filters(values)),
        plugin_filters=tuple(values["filter"]),
        sink=values["sink"],
        resolution=Resolution.of(values["resolution"]) if values["resolution"] else None,
        live=values["live"],
        audio=_audio(values),
        ffmpeg=_path(values["ffmpeg_location"]),
        plugin=values["plugin"],
        without=tuple(values["no_plugin"]),
        plugin_options=_plugin_options(plugins, values["plugin_options"]),
        workers=values["workers"],
        template=_template(values["filename"]),
        overwrite=values["overwrite"],
        resume=not values["no_resume"],
        fail_fast=values["fail_fast"],
        dry_run=values["dry_run"],
        get_urls=values["get_urls"],
        as_json=values["as_json"],
        explain=values["explain"],
        quiet=values["quiet"],
        verbose=values["verbose"],
        progress=not values["no_progress"],
        log_file=_path(values["log_file"]),
        list_plugins=values["list_plugins"],
        demo=values["demo"],
    )


# What the values mean


def _targets(values: Mapping[str, Any]) -> Iterable[Target]:
    from ..disk.names import check_folder_name, folder_name_for

    given, name = values["url"], values["name"]
    if values["input_file"]:
        if given and name is None and urls.from_person(given) is None:
            given, name = None, given  # `-i FILE NAME`
        starts = [*([_start(given)] if given else []), *_read_urls(values["input_file"])]
        if not starts:
            raise UsageError(f"{values['input_file']}: there is no URL in it")
    elif given:
        starts = [_start(given)]
    else:
        return
    starts = list(dict.fromkeys(starts))
    if values["zip"]:
        if name is not None:
            raise UsageError(f"NAME {name!r} is a folder, and --zip makes none: leave it out")
        yield Target(tuple(starts), "")
        return
    if name is not None:
        yield Target(tuple(starts), check_folder_name(name))
        return
    if Path(values["output"]) == STDOUT:  # one place, however many URLs
        yield Target(tuple(starts), "")
        return
    for start in starts:
        yield Target((start,), folder_name_for(start))


def _start(text: str, where: str = "") -> str:
    start = urls.from_person(text)
    if start is None:
        raise UsageError(f"{where}{text!r} is not a URL; it should begin with https:// or http://")
    return start


def _read_urls(file: str) -> list[str]:
    """URLs one a line; blank lines and `#` comments are left out."""
    try:
        if file == "-":
            text = sys.stdin.read().removeprefix("\ufeff")
        else:
            text = Path(file).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file}: {getattr(error, 'strerror', None) or error}") from None
    lines = enumerate((line.strip() for line in text.splitlines()), 1)
    return [
        _start(line.partition(" #")[0].strip(), f"{file}, line {number}: ")
        for number, line in lines
        if line and line[0] != "#"
    ]


def _output(values: Mapping[str, Any]) -> str:
    output = str(values["output"])
    if Path(output) == STDOUT:
        _check_stdout("-o -", values)
    return output


def _zip(values: Mapping[str, Any]) -> Path | None:
    path = _path(values["zip"])
    if values["zip_spool"] and path is None:
        raise UsageError("--zip-spool needs --zip")
    if path == STDOUT:
        _check_stdout("--zip -", values)
    return path


def _check_stdout(option: str, values: Mapping[str, Any]) -> None:
    """Raise `UsageError` where stdout cannot carry what is fetched."""
    if values["dry_run"] or values["get_urls"] or values["explain"]:
        return
    if values["as_json"]:
        raise UsageError(f"{option} and --json would both write to stdout; name a file")
    if getattr(sys.stdout, "name", "") == os.devnull:  # see `_prepare_streams`
        raise UsageError(f"{option}: stdout is closed; redirect it, or name a file")
    if sys.stdout.isatty():
        raise UsageError(f"{option}: a terminal cannot show that; redirect it, or name a file")


def _network(values: Mapping[str, Any]) -> Network:
    return Network(
        retries=values["retries"],
        timeout=values["timeout"],
        limit_rate=values["limit_rate"],
        per_host=values["per_host"],
        connections=values["connections"],
        proxy=values["proxy"],
        user_agent=values["user_agent"] or DEFAULT_USER_AGENT,
        headers=dict(_header(each) for each in values["headers"]),
        cookies=_path(values["cookies"]),
        cookies_from_browser=values["cookies_from_browser"],
        netrc=values["netrc"],
        allow_private=not values["no_private"],
    )


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon:
        raise UsageError(f"header {text!r}: write it as 'Name: value'")
    return name.strip(), value.strip()


def _filters(values: Mapping[str, Any]) -> Iterable[Filter]:
    from ..run.filters import Date, Extension, Size, Type

    types, only, never = (_words(values[key]) for key in ("types", "ext", "exclude_ext"))
    if types:
        yield Type(frozenset(types))
    if only or never:
        yield Extension(frozenset(only), frozenset(never))
    least, most = values["min_size"], values["max_size"]
    if least is not None or most is not None:
        if most is not None and (least or 0) > most:
            raise UsageError("--min-size is larger than --max-size: nothing would be left")
        yield Size(least or 0, most)
    first, last = values["date_from"], values["date_to"]
    if first or last:
        if isinstance(first, datetime) and isinstance(last, datetime) and first > last:
            raise UsageError("--date-from is after --date-to: nothing would be left")
        yield Date(first, last)


def _audio(values: Mapping[str, Any]) -> Audio | None:
    wanted, quality = values["audio_format"], values["audio_quality"]
    if quality and not wanted:
        raise UsageError("--audio-quality needs --audio-format")
    return Audio(wanted, quality or "best") if wanted else None


def _path(text: str | None) -> Path | None:
    return Path(text).expanduser() if text else None


def _words(lists: Sequence[str]) -> list[str]:
    """The words of comma-separated lists, which may be given more than once."""
    words = (word.strip().lower() for each in lists for word in each.split(","))
    return [word for word in words if word]


def _plugin_options(
    file: Mapping[str, Mapping[str, object]], given: Sequence[str]
) -> dict[str, dict[str, object]]:
    """Options of plugins by plugin: those of the file, and over them `plugin.key=value`."""
    options = {
        name: {key.replace("-", "_"): value for key, value in table.items()}
        for name, table in file.items()
    }
    for text in given:
        left, equals, value = text.partition("=")
        plugin, dot, key = left.strip().partition(".")
        if not (equals and dot and plugin and key):
            raise UsageError(f"-O {text!r}: write it as plugin.key=value")
        options.setdefault(plugin, {})[key.replace("-", "_")] = value
    return options


def _template(template: str | None) -> str | None:
    if template is not None:
        from ..disk.names import check_template

        check_template(template)
    return template
