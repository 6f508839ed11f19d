"""The typed options of plugins: their annotated fields, read from text or TOML values."""

from __future__ import annotations

import inspect
import sys
import types
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass, replace
from difflib import get_close_matches
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from ..model.errors import PluginError, ReelinError, UsageError
from .calls import describe
from .extractor import Extractor

T = TypeVar("T")
X = TypeVar("X", bound=Extractor)
_TRUE, _FALSE = ("1", "true", "yes", "on"), ("0", "false", "no", "off")


@dataclass(frozen=True, slots=True)
class Option:
    """An option of a plugin. `default` is None where it needs to be given one."""

    name: str
    type: Any
    default: Any
    help: str

    @property
    def type_name(self) -> str:
        """The type as a person reads it: `int`, `str`, `one of fast, best`."""
        return _name_type(self.type)

    @property
    def default_text(self) -> str:
        """The default as a person types it: `3`, `false`, `mp4,webm`, `none`."""
        if isinstance(self.default, bool | None):
            return str(self.default).lower()
        if isinstance(self.default, tuple | list | set | frozenset):
            return ",".join(map(str, self.default))
        return str(self.default)


def options_of(plugin: type[Any]) -> list[Option]:
    """Return the options of a plugin's class, by its fields' order; none if it is no dataclass."""
    if not is_dataclass(plugin):
        return []
    found = []
    for field in fields(plugin):
        if not field.init:
            continue
        kind, text = _read_type(plugin, field.name), ""
        if get_origin(kind) is Annotated:
            kind, text = get_args(kind)[0], str(get_args(kind)[1])
        found.append(Option(field.name, kind, _read_default(field), text))
    return found


def _read_type(plugin: type[Any], name: str) -> Any:
    """Read the type of a field where its class is written. Other annotations may be unreadable."""
    for base in plugin.__mro__:
        own = inspect.get_annotations(base)
        if name in own:
            alone = types.SimpleNamespace(__annotations__={name: own[name]})
            there = vars(sys.modules.get(base.__module__, types))
            return get_type_hints(alone, {**there}, include_extras=True)[name]
    return str


def _read_default(field: Field[Any]) -> Any:
    if field.default_factory is not MISSING:
        return field.default_factory()
    return None if field.default is MISSING else field.default


def configure(extractor: X, values: Mapping[str, object]) -> X:
    """Return the extractor with other option values, as text or as TOML gives them.

    Raises `UsageError` for an unknown option or a value of the wrong type.
    """
    return replace(extractor, **_convert_all(type(extractor), extractor.name, values))


def make(plugin: type[T], label: str, text: str) -> T:
    """Make an object of a plugin's class, with the options in `text`: `key=value,key=value`.

    A first value without a key is that of the first option. What has no key is part of the value
    before: `only=jpg,png`.

    Raises `UsageError` for options that there are not, or that are missing.
    """
    values: dict[str, object] = {}
    names = [option.name for option in options_of(plugin)]
    key = names[0] if names else "value"
    for number, part in enumerate(text.split(",") if text else ()):
        before, equals, after = part.partition("=")
        if equals and before.strip().isidentifier():
            key, part = before.strip(), after
            values[key] = part
        else:
            values[key] = f"{values[key]},{part}" if number else part
    try:
        return plugin(**_convert_all(plugin, label, values))
    except TypeError as error:  # Python's words name the parameter that is missing
        raise UsageError(f"{label}: {str(error).partition('() ')[2] or error}") from None
    except ReelinError:
        raise
    except ValueError as error:  # as a class says that it cannot take a value
        raise UsageError(f"{label}: {error}") from None
    except (Exception, SystemExit) as error:
        raise PluginError(f"{label}: {describe(error)}") from error


def _convert_all(plugin: type[Any], label: str, values: Mapping[str, object]) -> dict[str, Any]:
    known = {option.name: option for option in options_of(plugin)}
    new: dict[str, Any] = {}
    for name, value in values.items():
        where = f"{label}.{name}"
        if name not in known:
            raise UsageError(f"option {where}: {_explain_unknown(label, name, list(known))}")
        try:
            new[name] = _convert(known[name].type, value)
        except (ValueError, TypeError):
            wanted = known[name].type_name
            raise UsageError(f"option {where}: {value!r} is not {wanted}") from None
    return new


def suggest(name: str, known: Sequence[str]) -> str:
    """Return `; did you mean x?` for a name that is nearly one of the known ones, else nothing."""
    close = get_close_matches(name, known, n=1)
    return f"; did you mean {close[0]}?" if close else ""


def _explain_unknown(label: str, name: str, known: list[str]) -> str:
    if not known:
        return f"{label} has no options"
    return f"there is none{suggest(name, known) or '.'} There are: {', '.join(known)}"


def _convert(kind: Any, value: object) -> Any:
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        if value is None or value in ("", "none"):
            return None
        return _convert(next(each for each in inner if each is not type(None)), value)
    if origin is Literal:
        return _convert_literal(inner, value)
    if origin in (tuple, list, set, frozenset):
        parts = value.split(",") if isinstance(value, str) else value
        if not isinstance(parts, Sequence):
            raise TypeError
        return origin(_convert(inner[0] if inner else str, each) for each in parts)
    if kind is bool:
        return _convert_bool(value)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise TypeError
    if kind is int and isinstance(value, float):
        raise TypeError
    return kind(value)


def _convert_literal(choices: tuple[Any, ...], value: object) -> Any:
    for choice in choices:
        if value == choice or str(value) == str(choice):
            return choice
    raise ValueError


def _convert_bool(value: object) -> bool:
    if isinstance(value, bool):
        return value
    word = str(value).lower()
    if word in _TRUE + _FALSE:
        return word in _TRUE
    raise ValueError


def _name_type(kind: Any) -> str:
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Literal:
        return "one of " + ", ".join(map(str, inner))
    if origin in (Union, types.UnionType):
        return " or ".join(_name_type(each) for each in inner if each is not type(None))
    if origin in (tuple, list, set, frozenset):
        return "a comma-separated list"
    return {bool: "yes or no", int: "a whole number", float: "a number", str: "text"}.get(
        kind, getattr(kind, "__name__", str(kind))
    )
