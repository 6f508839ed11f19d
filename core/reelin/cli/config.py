"""The configuration file: defaults of options that nobody typed, below those of `REELIN_*`.

click itself decides between typed options, environment, file and default; what it is given here
is the file's part, its `default_map`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from ..model.errors import UsageError
from ..run.option_kinds import Flag, Tables, WholeNumber

PREFIX = "REELIN"
PLACES = "reelin.config.places"  # in a context's `meta`: the file and key of each value
TABLES = "reelin.config.plugins"  # in a context's `meta`: the tables `[plugins.NAME]`


class Setting(click.Option):
    """An option that may stand in the file, and in the environment, by each of its long names."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # That of its own name is found by the command's `auto_envvar_prefix`.
        self.envvar = [each for each in self.variables if each != _variable(str(self.name))]

    @property
    def long_names(self) -> list[str]:
        """Its names without the dashes in front."""
        return [name.removeprefix("--") for name in self.opts if name.startswith("--")]

    @property
    def variables(self) -> list[str]:
        """The environment variables that it may be set by."""
        return [_variable(name) for name in self.long_names]

    def default_from(self, value: object) -> object:
        """Return a value of the file as a default. Raises `UsageError`."""
        if self.is_flag:
            return Flag().parse(value)
        if self.count:
            return WholeNumber(0, 1000).parse(value)
        return [value] if self.multiple and not isinstance(value, list) else value


def _variable(name: str) -> str:
    return f"{PREFIX}_{name.replace('-', '_').upper()}"


def read_config(ctx: click.Context, param: click.Parameter, named: str | None) -> str | None:
    """Have the context take its defaults from the file; return its name as it was given.

    named: None: the file in the user's folder, if there is one

    Raises `UsageError` for what is not TOML, an unknown key, or a value that does not fit.
    """
    is_typed = ctx.get_parameter_source(str(param.name)) is ParameterSource.COMMANDLINE
    if ctx.params.get("no_config") and not is_typed:
        return named
    path = Path(named).expanduser() if named else _user_file()
    if path is not None:
        keys = _read(path)
        ctx.meta[TABLES] = _parse_tables(keys.pop("plugins", {}), path)
        _set_defaults(ctx, keys, path)
    return named


def _set_defaults(ctx: click.Context, keys: Mapping[str, object], path: Path) -> None:
    known = {name: each for each in _list_settings(ctx) for name in each.long_names}
    places = ctx.meta[PLACES] = {}
    ctx.default_map = {}
    for key, value in keys.items():
        setting = known.get(key.replace("_", "-"))
        if setting is None:
            from ..plugins.options import suggest

            raise UsageError(f"{path}: there is no option {key!r}{suggest(key, list(known))}")
        name = str(setting.name)
        places[name] = f"{path}: {key}"
        try:
            ctx.default_map[name] = setting.default_from(value)
        except UsageError as error:
            raise UsageError(f"{places[name]}: {error}") from None


def _list_settings(ctx: click.Context) -> list[Setting]:
    """Return the settings of all commands, which share the file: each takes those that it has."""
    root = ctx.find_root().command
    commands = root.commands.values() if isinstance(root, click.Group) else [ctx.command]
    params = [param for command in commands for param in command.params]
    return [each for each in params if isinstance(each, Setting)]


def _user_file() -> Path | None:
    from platformdirs import user_config_path

    path = user_config_path("reelin") / "config.toml"
    return path if path.exists() else None


def _read(path: Path) -> dict[str, Any]:
    import tomllib

    try:
        # Editors on Windows begin a file with a byte order mark, which TOML does not know.
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise UsageError(f"configuration file {path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"configuration file {path}: {error}") from None


def _parse_tables(tables: object, path: Path) -> dict[str, dict[str, object]]:
    try:
        return Tables().parse(tables)
    except UsageError as error:
        raise UsageError(f"{path}: {error}") from None


def describe_place(error: click.BadParameter) -> str:
    """Return which variable or key of the file a bad value stands in; empty for a typed one."""
    if error.ctx is None or error.param is None:
        return ""
    name = str(error.param.name)
    source = error.ctx.get_parameter_source(name)
    if source is ParameterSource.ENVIRONMENT and isinstance(error.param, Setting):
        return next(each for each in error.param.variables if os.environ.get(each))
    if source is ParameterSource.DEFAULT_MAP:
        return str(error.ctx.meta[PLACES][name])
    return ""
