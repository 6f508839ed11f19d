"""The commands and their options, as click knows them; what they do is in the files beside."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import click

from .. import __version__
from ..model.errors import ReelinError, UsageError
from ..model.item import AUDIO_FORMATS, AUDIO_QUALITIES
from ..model.units import parse_date, parse_rate, parse_size

EPILOG = """\b
Exit status: 0 all good · 1 something failed, all else is complete · 2 usage
3 nothing found · 130 interrupted (Ctrl-C) · 143 terminated

Further commands: reelin verify DIR · reelin record URL FOLDER · reelin plugin new NAME
reelin completion SHELL
"""
COMPLETE_VARIABLE = "_REELIN_COMPLETE"


class Unit(click.ParamType):  # type: ignore[type-arg]
    """A value in a unit of ours: a size, a rate or a date."""

    def __init__(self, name: str, parse: Callable[[str], Any]) -> None:
        self.name = name
        self._parse = parse

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The parsed value; a message of click's own for what cannot be parsed."""
        try:
            return self._parse(value) if isinstance(value, str) else value
        except UsageError as error:
            self.fail(str(error), param, ctx)


SIZE = Unit("size", parse_size)
RATE = Unit("rate", parse_rate)
FIRST_DATE = Unit("date", parse_date)
PATH = click.Path()  # for the shell's completion; whether it exists is told where it is opened
LAST_DATE = Unit("date", lambda text: parse_date(text, end=True))


class Commands(click.Group):
    """`reelin WORD …` for the few words there are; anything else is a URL to download."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put `download` in front, unless a command is named."""
        if not args or args[0] not in self.commands:
            args = ["download", *args]
        return super().parse_args(ctx, args)


class Download(click.Command):
    """The command that needs no name."""

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Show how it is called: without `download`."""
        formatter.write_usage(
            ctx.find_root().command_path, " ".join(self.collect_usage_pieces(ctx))
        )


def _words(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    return [
        word for word in ("verify", "record", "plugin", "completion") if word.startswith(incomplete)
    ]


def _plugin_names(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    from ..plugins.registry import Registry

    return [name for name in Registry.load().names if name.startswith(incomplete)]


@click.group(cls=Commands)
def reelin() -> None:
    """Get every picture, track, video and file behind a web page."""


def _show_version(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    if value:
        click.echo(f"reelin {__version__}")
        ctx.exit()


@reelin.command(
    "download",
    epilog=EPILOG,
    cls=Download,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    options_metavar="[OPTIONS]",
)
@click.argument("url", required=False, shell_complete=_words)
@click.argument("name", required=False)
@click.option(
    "-i", "--input-file", type=PATH, metavar="FILE", help="URLs, one a line ('-': stdin)."
)
@click.option(
    "-p",
    "--plugin",
    metavar="NAME",
    shell_complete=_plugin_names,
    help="Use this extractor; see --list-plugins.",
)
@click.option(
    "--no-plugin",
    metavar="NAME",
    multiple=True,
    shell_complete=_plugin_names,
    help="Leave this extractor out.",
)
@click.option(
    "-O",
    "plugin_options",
    metavar="PLUGIN.KEY=VALUE",
    multiple=True,
    help="Set an option of an extractor.",
)
@click.option(
    "-w",
    "--workers",
    type=click.IntRange(1, 20),
    default=5,
    show_default=True,
    help="Downloads at the same time.",
)
@click.option(
    "-o",
    "--output",
    "-d",
    "--dir",
    "output",
    type=PATH,
    metavar="DIR",
    default="downloads",
    show_default=True,
    help="Files land in DIR/NAME/. Also s3://BUCKET/PREFIX, gs:// and az://.",
)
@click.option(
    "--sink",
    metavar="NAME[:KEY=VALUE,…]",
    help="Hand the items to a plugin's sink instead of writing files.",
)
@click.option("--zip", type=PATH, metavar="FILE", help="One ZIP instead of files ('-': to stdout).")
@click.option(
    "--zip-spool", is_flag=True, help="Have each item complete before its ZIP entry begins."
)
@click.option("--filename", metavar="TEMPLATE", help="File names, such as '{title}.{ext}'.")
@click.option("--overwrite", is_flag=True, help="Fetch again and replace what is there.")
@click.option("--no-resume", is_flag=True, help="Do not continue what is unfinished.")
@click.option(
    "--filter",
    metavar="NAME[:KEY=VALUE,…]",
    multiple=True,
    help="Keep what a plugin's filter keeps.",
)
@click.option(
    "--type",
    "types",
    metavar="LIST",
    multiple=True,
    help="Only image, video, audio, document, archive, other.",
)
@click.option("--ext", metavar="LIST", multiple=True, help="Only these extensions.")
@click.option("--exclude-ext", metavar="LIST", multiple=True, help="Not these extensions.")
@click.option(
    "--resolution",
    metavar="R",
    help="Of films: 1280x720, 720p, best or worst; else the nearest that is not above.",
)
@click.option(
    "--live",
    type=click.FloatRange(0, 7 * 86400, min_open=True),
    metavar="SECONDS",
    help="Record so much of a live stream (else refused).",
)
@click.option("--min-size", type=SIZE, metavar="SIZE", help="At least 10k, 5M, 1.5GiB.")
@click.option("--max-size", type=SIZE, metavar="SIZE", help="At most this size.")
@click.option(
    "--date-from",
    "--after",
    "date_from",
    type=FIRST_DATE,
    metavar="DATE",
    help="Published on 2026-01-31 or later.",
)
@click.option(
    "--date-to",
    "--before",
    "date_to",
    type=LAST_DATE,
    metavar="DATE",
    help="Published on that date or earlier.",
)
@click.option(
    "--audio-format",
    type=click.Choice(AUDIO_FORMATS),
    help="Save all sound, also that of films, as this.",
)
@click.option(
    "--audio-quality",
    type=click.Choice(AUDIO_QUALITIES),
    help="For --audio-format; default best.",
)
@click.option(
    "--ffmpeg-location",
    type=PATH,
    metavar="PATH",
    help="The ffmpeg to use, or its folder.",
)
@click.option(
    "-R",
    "--retries",
    type=click.IntRange(0, 100),
    default=3,
    show_default=True,
    help="Further attempts without progress.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(0.1, 3600),
    default=30.0,
    show_default=True,
    metavar="SECONDS",
    help="Silence after which a try has failed.",
)
@click.option("-r", "--limit-rate", type=RATE, metavar="RATE", help="500k, 2M a second in all.")
@click.option(
    "--per-host", type=click.IntRange(1, 100), metavar="N", help="Connections to one host."
)
@click.option(
    "--connections",
    type=click.IntRange(1, 32),
    metavar="N",
    help="Parallel ranges of one big file (default: as many as help).",
)
@click.option("--proxy", metavar="URL", help="HTTP or SOCKS proxy.")
@click.option("--user-agent", metavar="TEXT", help="User-Agent header.")
@click.option(
    "-H",
    "--header",
    "headers",
    metavar="'K: V'",
    multiple=True,
    help="A request header; secret ones go to the URL's own site only.",
)
@click.option("--cookies", type=PATH, metavar="FILE", help="Cookies from a cookies.txt.")
@click.option("--cookies-from-browser", metavar="NAME", help="firefox, chrome:Profile 1, ….")
@click.option("--netrc", is_flag=True, help="Logins from ~/.netrc.")
@click.option("--no-private", is_flag=True, help="Refuse addresses that are not public.")
@click.option("--fail-fast", is_flag=True, help="Begin nothing further after a failure.")
@click.option(
    "-s", "--dry-run", "--simulate", "dry_run", is_flag=True, help="Find, but fetch no media."
)
@click.option("-g", "--get-urls", is_flag=True, help="Print the URLs found, fetch no media.")
@click.option("-j", "--json", "as_json", is_flag=True, help="JSON lines on stdout.")
@click.option("--explain", is_flag=True, help="Print why each candidate is kept or dropped.")
@click.option("--config", type=PATH, metavar="FILE", help="Options from this TOML file.")
@click.option("--no-config", is_flag=True, help="Read no configuration file.")
@click.option("-q", "--quiet", is_flag=True, help="Print errors only.")
@click.option("-v", "--verbose", count=True, help="Print more; twice: everything.")
@click.option("--no-progress", is_flag=True, help="No progress display.")
@click.option("--log-file", type=PATH, metavar="FILE", help="Log into FILE (5 x 1 MB).")
@click.option("--list-plugins", is_flag=True, help="Print all extractors with their options.")
@click.option("--demo", is_flag=True, help="Download from a demo site on this machine.")
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help="Print the version.",
)
@click.pass_context
def download(ctx: click.Context, /, **values: Any) -> int:
    """Get every picture, track, video and file behind URL, into DIR/NAME/.

    URL is a page or a media file. NAME is the folder below DIR; without it, the folder is named
    after the URL, so that a later run finds and continues it.
    """
    from .download import run_download
    from .settings import settings_from

    settings = settings_from(ctx, values)
    if settings.list_plugins:
        from .output import print_plugins

        print_plugins(settings)
        return 0
    if settings.demo:
        from .demo import run_demo

        return run_demo(settings)
    if not settings.targets:
        click.echo(ctx.get_help(), err=True)
        return 2
    return run_download(settings)


@reelin.command("verify")
@click.argument("folder", type=PATH, metavar="DIR")
@click.option("-q", "--quiet", is_flag=True, help="Print what is wrong only.")
def verify_command(folder: str, quiet: bool) -> int:
    """Hash the files of a finished run again and compare them with its manifest."""
    from .verify import run_verify

    return run_verify(folder, quiet=quiet)


@reelin.command("record")
@click.argument("url")
@click.argument("folder")
@click.option("-p", "--plugin", metavar="NAME", help="The extractor whose pages are recorded.")
def record_command(url: str, folder: str, plugin: str | None) -> int:
    """Record the pages that an extractor asks for, for tests without a network."""
    import asyncio

    from ..testing import record

    for recorded in asyncio.run(record(url, folder, plugin=plugin)):
        click.echo(recorded)
    return 0


@reelin.group("plugin")
def plugin_commands() -> None:
    """For authors of plugins."""


@plugin_commands.command("new")
@click.argument("name")
def new_plugin_command(name: str) -> int:
    """Make a plugin project in the folder reelin-NAME: extractor, recording, tests."""
    from pathlib import Path

    from .new_plugin import new_plugin

    folder = new_plugin(name, Path.cwd())
    click.echo(f"{folder.name} is made. Try it: cd {folder.name} && python -m pytest")
    return 0


@reelin.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion_command(shell: str) -> int:
    """Print a completion script: eval "$(reelin completion bash)"."""
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    assert kind is not None, f"click knows no {shell}"
    click.echo(kind(reelin, {}, "reelin", COMPLETE_VARIABLE).source())
    return 0


def run(arguments: list[str]) -> int:
    """Run a command; its exit status. Errors are one line on stderr, never a traceback."""
    try:
        status = reelin.main(
            arguments,
            prog_name="reelin",
            complete_var=COMPLETE_VARIABLE,
            standalone_mode=False,
        )
        return int(status or 0)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return 2
    except click.ClickException as error:
        _complain(error.format_message())
        return 2
    except UsageError as error:
        _complain(str(error))
        return 2
    except ReelinError as error:
        _complain(str(error))
        return 1
    except (KeyboardInterrupt, click.Abort):
        return 130
    except OSError as error:
        _abandon_stdout()
        if not isinstance(error, BrokenPipeError):  # its reader has gone: nobody is to be told
            parts = (str(part) for part in (error.filename, error.strerror) if part)
            _complain(": ".join(parts) or str(error))
        return 1
    except Exception as error:
        _complain(
            f"{type(error).__name__}: {error}: this is a fault of reelin;"
            " please report it, with what the same command prints with -v"
        )
        return 1


def _abandon_stdout() -> None:
    """Have nothing more written, so that Python does not fail again when it ends."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _complain(message: str) -> None:
    from .output import printable

    click.echo(f"reelin: error: {printable(' '.join(message.split()))}", err=True)
