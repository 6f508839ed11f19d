"""The options of `reelin URL`, in the groups that `--help` shows.

What a run can be asked, `run/options.py` knows; here it gets its short flags. The others are of the
command line alone: where files go, what is shown, and which configuration is read.
"""

from __future__ import annotations

from typing import Any

import click
from click.shell_completion import CompletionItem

from .. import __version__
from ..model.errors import UsageError
from ..run.option_kinds import Flag, Kind, OneOf, Text, Texts, WholeNumber, WordList
from ..run.option_table import OPTIONS
from .config import Setting, read_config

_RUN = {each.name: each for each in OPTIONS}


class Value(click.ParamType):  # type: ignore[type-arg]
    """A value of one of the kinds that all doors share."""

    def __init__(self, kind: Kind, completion: str = "") -> None:
        self.name = type(kind).__name__.lower()
        self._kind = kind
        self._completion = completion

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return what a value means; a message of click's own for what does not fit."""
        try:
            return self._kind.parse(value)
        except UsageError as error:
            self.fail(str(error), param, ctx)

    def split_envvar_value(self, rv: str) -> list[str]:
        """Take a variable as one value: what is a list has commas in it."""
        return [rv]

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Offer the words that there are, or have the shell offer files."""
        if self._completion:
            return [CompletionItem(incomplete, type=self._completion)]
        words = self._kind.words if isinstance(self._kind, OneOf) else ()
        return [CompletionItem(word) for word in words if word.startswith(incomplete)]


def _complete_plugin(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    from ..plugins.registry import Registry

    return [name for name in Registry.load().names if name.startswith(incomplete)]


def _run_option(name: str, *flags: str, metavar: str = "", **more: Any) -> Setting:
    """Make the command line's option of one of a run's."""
    option = _RUN[name]
    names = [*flags, f"--{name}", *(f"--{alias}" for alias in option.aliases)]
    variable = name.replace("-", "_")
    if isinstance(option.kind, Flag):
        return Setting([*names, variable], is_flag=True, help=option.help)
    if isinstance(option.kind, OneOf):
        metavar = f"[{'|'.join(option.kind.words)}]"
    return Setting(
        [*names, variable],
        type=Value(option.kind, "file" if metavar in ("FILE", "PATH") else ""),
        multiple=isinstance(option.kind, Texts | WordList),
        metavar=metavar,
        default=option.default,
        show_default=option.default is not None,
        help=option.help + _bounds(option.kind),
        **more,
    )


def _bounds(kind: Kind) -> str:
    return f"  [{kind.least} to {kind.most}]" if isinstance(kind, WholeNumber) else ""


def _text(*names: str, metavar: str, **more: Any) -> Setting:
    completion = {"FILE": "file", "DIR": "file"}.get(metavar, "")
    return Setting([*names], type=Value(Text(), completion), metavar=metavar, **more)


def _flag(*names: str, help: str) -> Setting:
    return Setting([*names], is_flag=True, help=help)


def _action(*names: str, **more: Any) -> click.Option:
    """Make an option that says what to do rather than how: it is typed, or not there."""
    return click.Option([*names], allow_from_autoenv=False, **more)


def _show_version(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    if value:
        click.echo(f"reelin {__version__}")
        ctx.exit()


WHAT: list[click.Option] = [
    _action(
        "-i",
        "--input-file",
        type=Value(Text(), "file"),
        metavar="FILE",
        help="URLs, one a line ('-': stdin).",
    ),
    _run_option("plugin", "-p", metavar="NAME", shell_complete=_complete_plugin),
    _run_option("no-plugin", metavar="NAME", shell_complete=_complete_plugin),
    _action(
        "-O",
        "plugin_options",
        metavar="PLUGIN.KEY=VALUE",
        multiple=True,
        help="Set an option of an extractor.",
    ),
    _run_option("workers", "-w", metavar="N"),
    _run_option("live", metavar="SECONDS"),
    _run_option("audio-format"),
    _run_option("audio-quality"),
    _run_option("ffmpeg-location", metavar="PATH"),
    _run_option("fail-fast"),
]
WHERE: list[click.Option] = [
    _text(
        "-o",
        "-d",
        "--output",
        "--dir",
        "output",
        metavar="DIR",
        default="downloads",
        show_default=True,
        help="Files land in DIR/NAME/. Also s3://BUCKET/PREFIX, gs:// and az://.",
    ),
    _text("--filename", metavar="TEMPLATE", help="File names, such as '{title}.{ext}'."),
    _flag("--overwrite", help="Fetch again and replace what is there."),
    _flag("--no-resume", help="Do not continue what is unfinished."),
    _text("--zip", metavar="FILE", help="One ZIP instead of files ('-': to stdout)."),
    _flag("--zip-spool", help="Have each item complete before its ZIP entry begins."),
    _text(
        "--sink",
        metavar="NAME[:KEY=VALUE,…]",
        help="Hand the items to a plugin's sink instead of writing files.",
    ),
]
WHICH: list[click.Option] = [
    _run_option("type", metavar="LIST"),
    _run_option("ext", metavar="LIST"),
    _run_option("exclude-ext", metavar="LIST"),
    _run_option("resolution", metavar="R"),
    _run_option("min-size", metavar="SIZE"),
    _run_option("max-size", metavar="SIZE"),
    _run_option("date-from", metavar="DATE"),
    _run_option("date-to", metavar="DATE"),
    _run_option("filter", metavar="NAME[:KEY=VALUE,…]"),
]
NETWORK: list[click.Option] = [
    _run_option("retries", "-R", metavar="N"),
    _run_option("timeout", metavar="SECONDS"),
    _run_option("retry-wait", metavar="SECONDS"),
    _run_option("connect-timeout", metavar="SECONDS"),
    _run_option("limit-rate", "-r", metavar="RATE"),
    _run_option("per-host", metavar="N"),
    _run_option("connections", metavar="N"),
    _run_option("proxy", metavar="URL"),
    _run_option("user-agent", metavar="TEXT"),
    _run_option("header", "-H", metavar="'K: V'"),
    _run_option("cookies", metavar="FILE"),
    _run_option("cookies-from-browser", metavar="NAME"),
    _run_option("netrc"),
    _run_option("no-private"),
]
SHOWN: list[click.Option] = [
    _flag("-s", "--dry-run", "--simulate", "dry_run", help="Find, but fetch no media."),
    _flag("-g", "--get-urls", help="Print the URLs found, fetch no media."),
    _flag("-j", "--json", help="JSON lines on stdout."),
    _flag("--explain", help="Print why each candidate is kept or dropped."),
    _flag("-q", "--quiet", help="Print errors only."),
    Setting(["-v", "--verbose"], count=True, help="Print more; twice: everything."),
    _flag("--no-progress", help="No progress display."),
    _text("--log-file", metavar="FILE", help="Log into FILE (5 x 1 MB)."),
]
OTHER: list[click.Option] = [
    _action("--no-config", is_flag=True, is_eager=True, help="Read no configuration file."),
    click.Option(
        ["--config"],
        type=Value(Text(), "file"),
        metavar="FILE",
        is_eager=True,
        callback=read_config,
        help="Options from this TOML file.",
    ),
    _action("--list-plugins", is_flag=True, help="Print all extractors with their options."),
    _action("--demo", is_flag=True, help="Download from a demo site on this machine."),
    _action(
        "--version",
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=_show_version,
        help="Print the version.",
    ),
]
_CONFIGURATION = OTHER[:2]
_PLUGIN = [each for each in WHAT if each.name == "plugin"]
RECORD: list[click.Option] = [*_PLUGIN, *NETWORK, *_CONFIGURATION]  # of `reelin record`
VERIFY: list[click.Option] = [  # of `reelin verify`
    _action(
        "--repair", is_flag=True, help="Fetch again what is damaged or missing, under its own name."
    ),
    _action("-j", "--json", is_flag=True, help="One line of JSON for each file, on stdout."),
    _action("-q", "--quiet", is_flag=True, help="Print what is wrong only."),
    *NETWORK,
    *_CONFIGURATION,
]
GROUPS: dict[str, list[click.Option]] = {
    "What is taken": WHAT,
    "Where it goes": WHERE,
    "Which items": WHICH,
    "Network": NETWORK,
    "What is shown": SHOWN,
    "Configuration and more": OTHER,
}
