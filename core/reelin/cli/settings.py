"""The settings of a download: what a person asked for, checked."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from ..model import urls
from ..model.bad_url import describe_bad_url
from ..model.errors import UsageError
from ..model.media_types import type_of
from ..run.option_table import OPTIONS
from ..run.options import RunOptions
from .config import TABLES

STDOUT = Path("-")  # where a file is to be named


@dataclass(frozen=True, slots=True)
class Target:
    """URLs that share one folder or archive; `name` is that folder below the output directory.

    page: the URL that the folder is named after; None where a person named it
    """

    urls: tuple[str, ...]
    name: str
    page: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """The place where items go: a folder or a store, one ZIP, or a plugin's sink."""

    output: str
    filename: str | None
    overwrite: bool
    no_resume: bool
    zip: Path | None
    zip_spool: bool
    sink: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Display:
    """The choice of what is printed of a download, or instead of one."""

    dry_run: bool
    get_urls: bool
    json: bool
    explain: bool
    quiet: bool
    verbose: int
    no_progress: bool
    log_file: Path | None
    list_plugins: bool
    demo: bool

    @property
    def finds_only(self) -> bool:
        """Whether no media is to be fetched."""
        return self.dry_run or self.get_urls or self.explain


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The whole of what a download needs to know."""

    targets: tuple[Target, ...]
    destination: Destination
    display: Display
    run: RunOptions

    @property
    def writes_to_stdout(self) -> bool:
        """Whether stdout is to carry an archive or a file, and nothing else."""
        return (
            STDOUT in (self.destination.zip, Path(self.destination.output))
            and not self.display.finds_only
        )


def settings_from(ctx: click.Context, values: Mapping[str, Any]) -> Settings:
    """Return the settings that a command's values make, by option. Raises `UsageError`."""
    tables = ctx.meta.get(TABLES, {})
    plugins = _merge_plugin_options(tables, values["plugin_options"])
    shown = {each.name: values[each.name] for each in fields(Display)}
    placed = {each.name: values[each.name] for each in fields(Destination)}
    settings = Settings(
        targets=tuple(_find_targets(values)),
        destination=Destination(**placed | {"zip": _place_archive(ctx, values)}),
        display=Display(**shown | {"log_file": _path(values["log_file"])}),
        run=run_options(values, plugins=plugins),
    )
    _check_place(settings)
    return settings


def run_options(values: Mapping[str, Any], **more: object) -> RunOptions:
    """Return what a command's values say of a run, as far as it asks for that. Raises `UsageError`.

    more: further ones, by name
    """
    names = [each.name.replace("-", "_") for each in OPTIONS]
    return RunOptions.of({name: values[name] for name in names if name in values} | more)


def _place_archive(ctx: click.Context, values: Mapping[str, Any]) -> Path | None:
    """Return the path of the archive: below the output directory, if one was given."""
    archive = _path(values["zip"])
    is_given = ctx.get_parameter_source("output") is not ParameterSource.DEFAULT
    if archive is None or archive == STDOUT or not is_given or "://" in values["output"]:
        return archive
    if Path(values["output"]) == STDOUT:
        raise UsageError(f"--zip {archive} and -o -: an archive to stdout is --zip -")
    return Path(values["output"]).expanduser() / archive


def _check_place(settings: Settings) -> None:
    """Raise `UsageError` where items cannot go as they are wanted to."""
    place = settings.destination
    if place.zip_spool and place.zip is None:
        raise UsageError("--zip-spool needs --zip")
    if place.zip is not None and place.zip != STDOUT and "://" in place.output:
        raise UsageError(f"--zip {place.zip}: an archive is a file, and -o {place.output} is none")
    if re.match(r"[a-z][a-z0-9]+:(?:/(?!/)|$)", place.output):
        raise UsageError(f"-o {place.output}: the address of a store is written s3://BUCKET/PREFIX")
    if place.zip is None and place.sink is None and _looks_like_file(place.output):
        raise UsageError(
            f"-o {place.output}: that names the folder above the files; for one file say"
            f" -o - > {place.output}, for an archive --zip FILE, for names --filename"
        )
    if place.filename is not None:
        from ..disk.names import check_template

        check_template(place.filename)
    if settings.writes_to_stdout:
        _check_stdout("--zip -" if place.zip == STDOUT else "-o -", as_json=settings.display.json)


def _looks_like_file(output: str) -> bool:
    """Whether an output directory that is not there yet has the name of an image, a film or so."""
    kind = None if "://" in output else type_of(Path(output).name)
    is_file = kind in ("image", "video", "audio", "archive")
    return is_file and not Path(output).expanduser().is_dir()


def _check_stdout(option: str, *, as_json: bool) -> None:
    """Raise `UsageError` where stdout cannot carry what is fetched."""
    if as_json:
        raise UsageError(f"{option} and --json would both write to stdout; name a file")
    if getattr(sys.stdout, "name", "") == os.devnull:  # see `_prepare_streams`
        raise UsageError(f"{option}: stdout is closed; redirect it, or name a file")
    if sys.stdout.isatty():
        raise UsageError(f"{option}: a terminal cannot show that; redirect it, or name a file")


def _find_targets(values: Mapping[str, Any]) -> Iterable[Target]:
    from ..disk.names import check_folder_name

    given, name = values["url"], values["name"]
    if values["input_file"]:
        if given and name is None and urls.from_person(given) is None:
            given, name = None, given  # `-i FILE NAME`
        starts = [*([_parse_url(given)] if given else []), *_read_urls(values["input_file"])]
        if not starts:
            raise UsageError(f"{values['input_file']}: there is no URL in it")
    elif given:
        starts = [_parse_url(given)]
    else:
        return
    starts = list(dict.fromkeys(starts))
    if values["zip"]:
        if name is not None:
            raise UsageError(f"NAME {name!r} is a folder, and --zip makes none: leave it out")
        yield Target(tuple(starts), "")
        return
    if name is not None:
        if "://" in name:
            raise UsageError(
                f"{name!r}: one URL at a time, and then a NAME; several go into a file, one a"
                " line, which -i FILE takes"
            )
        yield Target(tuple(starts), check_folder_name(name))
        return
    if Path(values["output"]) == STDOUT:  # one place, however many URLs
        yield Target(tuple(starts), "")
        return
    yield from _name_folders(starts, values["output"])


def _name_folders(starts: Sequence[str], output: str) -> Iterable[Target]:
    """Give each URL a folder of its own, the one that it has already where there is one."""
    from ..disk.names import folder_name_for
    from ..disk.page_folder import find_folder

    taken: set[str] = set()
    is_store = "://" in output  # nobody has looked there yet
    parent = Path(os.devnull if is_store else output).expanduser()
    for start in starts:
        name = find_folder(parent, folder_name_for(start), start, taken)
        taken.add(name.lower())
        yield Target((start,), name, start)


def _parse_url(text: str, where: str = "") -> str:
    start = None if _is_file(text) else urls.from_person(text)
    if start is None:
        raise UsageError(where + _describe_bad_url(text))
    return start


def _is_file(text: str) -> bool:
    """Whether what should be a URL is the path of a file: of a page that was saved, perhaps."""
    try:
        return "://" not in text and Path(text).is_file()
    except (OSError, ValueError):
        return False


def _describe_bad_url(text: str) -> str:
    """Say what is wrong with what was typed for a URL; a path may stand for a page of a disk."""
    if _is_file(text):
        return describe_bad_url(Path(text).absolute().as_uri())
    meant = get_close_matches(text, ("verify", "record", "plugin", "completion"), n=1, cutoff=0.75)
    return describe_bad_url(text) + (f"; or is it the command {meant[0]}?" if meant else "")


def _read_urls(file: str) -> list[str]:
    """Read URLs, one a line; blank lines and `#` comments are left out."""
    try:
        if file == "-":
            text = sys.stdin.read().removeprefix("\ufeff")
        else:
            data = Path(file).read_bytes()
            is_wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))  # as PowerShell's `>` writes it
            text = data.decode("utf-16" if is_wide else "utf-8-sig")
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{file}: it is no text in UTF-8; URLs stand there, one a line") from None
    lines = enumerate((line.strip() for line in text.splitlines()), 1)
    return [
        _parse_url(line.partition(" #")[0].strip(), f"{file}, line {number}: ")
        for number, line in lines
        if line and line[0] != "#"
    ]


def _merge_plugin_options(
    tables: Mapping[str, Mapping[str, object]], given: Sequence[str]
) -> dict[str, dict[str, object]]:
    """Return options by plugin: those of the file, and over them `plugin.key=value`."""
    options = {name: dict(table) for name, table in tables.items()}
    for text in given:
        left, equals, value = text.partition("=")
        plugin, dot, key = left.strip().partition(".")
        if not (equals and dot and plugin and key):
            raise UsageError(f"-O {text!r}: write it as plugin.key=value")
        options.setdefault(plugin, {})[key.replace("-", "_")] = value
    return options


def _path(text: str | None) -> Path | None:
    return Path(text).expanduser() if text else None
