"""Options that nobody typed: those of the configuration file, and over them `REELIN_*`."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from ..model.errors import UsageError
from ..plugins.options import near

PREFIX = "REELIN_"
# Options that say what to do rather than how: they have their place on the command line only.
_ONLY_TYPED = frozenset(
    ["input_file", "config", "no_config", "demo", "list_plugins", "plugin_options"]
)


def untyped_options(
    ctx: click.Context, config: str | None, *, skip: bool
) -> tuple[dict[str, Any], dict[str, dict[str, object]]]:
    """Values by parameter for options that were not typed, and the tables `[plugins.NAME]`.

    config: the file that a person named; None: REELIN_CONFIG, or the one in the user's folder
    skip:   read no file but a named one

    Raises `UsageError` for what is not TOML, an unknown key, or a value that does not fit.
    """
    path = _file(config, skip)
    keys = _read(path) if path else {}
    plugins = _plugin_tables(keys.pop("plugins", {}), path)
    known = _options(ctx.command)
    values: dict[str, Any] = {}
    for key, value in keys.items():
        option = known.get(key.replace("_", "-"))
        if option is None:
            raise UsageError(f"{path}: there is no option {key!r}{near(key, list(known))}")
        values[str(option.name)] = _converted(ctx, option, value, f"{path}: {key}")
    for option, key, text in _environment(known):
        values[str(option.name)] = _converted(ctx, option, text, key)
    typed = {
        name for name in values if ctx.get_parameter_source(name) is not ParameterSource.DEFAULT
    }
    return {name: values[name] for name in values.keys() - typed}, plugins


def _file(config: str | None, skip: bool) -> Path | None:
    named = config or (None if skip else os.environ.get(PREFIX + "CONFIG"))
    if named:
        return Path(named).expanduser()
    if skip:
        return None
    from platformdirs import user_config_path

    path = user_config_path("reelin") / "config.toml"
    return path if path.exists() else None


def _read(path: Path) -> dict[str, Any]:
    try:
        # Editors on Windows begin a file with a byte order mark, which TOML does not know.
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise UsageError(f"configuration file {path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"configuration file {path}: {error}") from None


def _plugin_tables(tables: object, path: Path | None) -> dict[str, dict[str, object]]:
    if isinstance(tables, dict) and all(isinstance(each, dict) for each in tables.values()):
        return tables
    raise UsageError(f"{path}: options of plugins are written in a table [plugins.NAME]")


def _options(command: click.Command) -> dict[str, click.Option]:
    """The options that may stand in a file or the environment, by each of their long names."""
    return {
        name.removeprefix("--"): option
        for option in command.params
        if isinstance(option, click.Option) and option.expose_value
        for name in option.opts
        if name.startswith("--") and option.name not in _ONLY_TYPED
    }


def _environment(known: Mapping[str, click.Option]) -> Iterator[tuple[click.Option, str, str]]:
    """Options set as REELIN_OPTION_NAME, which variable it was, and its text if there is any."""
    for name, option in known.items():
        variable = PREFIX + name.replace("-", "_").upper()
        if text := os.environ.get(variable):
            yield option, variable, text


def _converted(ctx: click.Context, option: click.Option, value: object, where: str) -> Any:
    """What the command line would make of a value."""
    try:
        if not option.multiple:
            return option.type_cast_value(ctx, _typed(option, value))
        parts = value if isinstance(value, list) else [value]
        return option.type_cast_value(ctx, [_typed(option, part) for part in parts])
    except click.BadParameter as error:
        raise UsageError(f"{where}: {error.message}") from None


def _typed(option: click.Option, value: object) -> str:
    """A value as one would type it: then all checks are those of the command line."""
    if isinstance(value, str):
        return value
    if isinstance(value, date):
        return value.isoformat()
    text_wanted = isinstance(option.type, click.Path) or option.type is click.STRING
    if isinstance(value, bool | int | float) and not text_wanted:
        return str(value)
    raise click.BadParameter(f"{value!r} is not text" if text_wanted else f"what is {value!r}?")
