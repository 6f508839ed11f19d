"""What a person asked for, checked: defaults < configuration file < environment < options."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from .. import urls
from ..errors import UsageError
from ..network import DEFAULT_USER_AGENT, Network
from ..options import near
from ..verdict import Filter

# Options that say what to do rather than how: they have no place in a file.
_NOT_IN_FILES = frozenset(
    ["url", "name", "input_file", "config", "no_config", "demo", "list_plugins", "plugin_options"]
)


@dataclass(frozen=True, slots=True)
class Target:
    """URLs that share one folder; `name` is that folder below the output directory."""

    urls: tuple[str, ...]
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All that the commands need to know."""

    targets: tuple[Target, ...]
    output: Path
    network: Network
    filters: tuple[Filter, ...]
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


def settings_from(ctx: click.Context, values: dict[str, Any]) -> Settings:
    """The settings that options, environment and configuration file make. Raises `UsageError`."""
    file = _read_config(values["config"], skip=values["no_config"])
    plugins = file.pop("plugins", {})
    if not isinstance(plugins, dict) or not all(
        isinstance(each, dict) for each in plugins.values()
    ):
        raise UsageError("configuration file: [plugins.NAME] must be a table")
    values = values | _from_file(ctx, file)
    return Settings(
        targets=tuple(_targets(values)),
        output=Path(values["output"]).expanduser(),
        network=_network(values),
        filters=tuple(_filters(values)),
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
        log_file=Path(values["log_file"]).expanduser() if values["log_file"] else None,
        list_plugins=values["list_plugins"],
        demo=values["demo"],
    )


# The configuration file


def _read_config(named: str | None, *, skip: bool) -> dict[str, Any]:
    """The tables of the named file, or of the one in the user's configuration folder."""
    if skip and not named:
        return {}
    if named:
        path = Path(named).expanduser()
    else:
        from platformdirs import user_config_path

        path = user_config_path("reelin") / "config.toml"
        if not path.exists():
            return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"configuration file {path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"configuration file {path}: {error}") from None


def _from_file(ctx: click.Context, file: Mapping[str, Any]) -> dict[str, Any]:
    """The file's values of options that neither command line nor environment gave."""
    known = {
        name: option
        for option in ctx.command.params
        if option.name and option.name not in _NOT_IN_FILES and isinstance(option, click.Option)
        for name in _names(option)
    }
    found: dict[str, Any] = {}
    for key, value in file.items():
        option = known.get(key.replace("_", "-"))
        if option is None or option.name is None:
            raise UsageError(f"configuration file: no option {key!r}{near(key, list(known))}")
        if ctx.get_parameter_source(option.name) is ParameterSource.DEFAULT:
            try:
                if option.multiple and not isinstance(value, list):
                    value = [value]
                found[option.name] = option.type_cast_value(ctx, value)
            except click.BadParameter as error:
                raise UsageError(f"configuration file: {key}: {error.message}") from None
    return found


def _names(option: click.Option) -> list[str]:
    return [name.removeprefix("--") for name in option.opts if name.startswith("--")]


# What the values mean


def _targets(values: Mapping[str, Any]) -> Iterable[Target]:
    from ..names import check_folder_name, folder_name_for

    given, name = values["url"], values["name"]
    if values["input_file"]:
        if given and name is None and urls.from_person(given) is None:
            given, name = None, given  # `-i FILE NAME`
        starts = [*([given] if given else []), *_read_urls(values["input_file"])]
        if not starts:
            raise UsageError(f"{values['input_file']}: there is no URL in it")
    elif given:
        starts = [given]
    else:
        return
    cleaned = [_start(each) for each in starts]
    if name is not None:
        yield Target(tuple(dict.fromkeys(cleaned)), check_folder_name(name))
        return
    for start in dict.fromkeys(cleaned):
        yield Target((start,), folder_name_for(start))


def _start(text: str) -> str:
    start = urls.from_person(text)
    if start is None:
        raise UsageError(f"{text!r} is not a URL; it should begin with https:// or http://")
    return start


def _read_urls(file: str) -> list[str]:
    """URLs one a line; blank lines and `#` comments are left out."""
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file}: {getattr(error, 'strerror', None) or error}") from None
    lines = (line.strip() for line in text.splitlines())
    return [line.partition(" #")[0].strip() for line in lines if line and line[0] != "#"]


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
        cookies=Path(values["cookies"]).expanduser() if values["cookies"] else None,
        cookies_from_browser=values["cookies_from_browser"],
        netrc=values["netrc"],
        allow_private=not values["no_private"],
    )


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    name, value = name.strip(), value.strip()
    if not colon or not name or any(mark in text for mark in "\r\n\0") or " " in name:
        raise UsageError(f"header {text!r}: write it as 'Name: value'")
    return name, value


def _filters(values: Mapping[str, Any]) -> Iterable[Filter]:
    from ..filters import Date, Extension, Size, Type

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


def _words(lists: Sequence[str]) -> list[str]:
    """The words of comma-separated lists, which may be given more than once."""
    words = (word.strip().lower() for each in lists for word in each.split(","))
    return [word for word in words if word]


def _plugin_options(
    file: Mapping[str, Mapping[str, object]], given: Sequence[str]
) -> dict[str, dict[str, object]]:
    """Options of plugins by plugin: those of the file, and over them `plugin.key=value`."""
    options: dict[str, dict[str, object]] = {name: dict(table) for name, table in file.items()}
    for text in given:
        left, equals, value = text.partition("=")
        plugin, dot, key = left.strip().partition(".")
        if not (equals and dot and plugin and key):
            raise UsageError(f"-O {text!r}: write it as plugin.key=value")
        options.setdefault(plugin, {})[key.replace("-", "_")] = value
    return options


def _template(template: str | None) -> str | None:
    if template is not None:
        from ..names import check_template

        check_template(template)
    return template
