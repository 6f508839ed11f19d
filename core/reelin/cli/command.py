"""The commands, as click knows them; what they do is in the files beside."""

from __future__ import annotations

from typing import Any

import click

from .config import PREFIX
from .flags import GROUPS, OTHER, RECORD, VERIFY

EPILOG = """\b
Exit status: 0 all good · 1 something failed, all else is complete · 2 usage
3 nothing found (at any of the URLs) · 130 interrupted (Ctrl-C) · 143 terminated

\b
Further commands: reelin verify DIR · reelin record URL FOLDER ·
reelin plugin new NAME · reelin completion SHELL
"""
_USAGE = """\
Usage: reelin [OPTIONS] URL [NAME]     get what is behind a page, into downloads/NAME/
       reelin URL --dry-run            only list it
       reelin -i FILE                  many URLs, one a line
reelin --help shows all options; reelin --demo shows how it works."""
COMPLETE_VARIABLE = "_REELIN_COMPLETE"
_SETTINGS: dict[str, Any] = {
    "help_option_names": ["-h", "--help"],
    "max_content_width": 100,
    "auto_envvar_prefix": PREFIX,
}


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

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Show the options group by group."""
        help_option = self.get_help_option(ctx)
        for title, options in GROUPS.items():
            is_last = options is OTHER
            shown = [*options, help_option] if is_last and help_option else options
            records = [option.get_help_record(ctx) for option in shown]
            with formatter.section(title):
                formatter.write_dl([each for each in records if each], col_max=26)

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """Return the option `--help`, which is no matter of the environment."""
        option = super().get_help_option(ctx)
        if option is not None:
            option.allow_from_autoenv = False
        return option


def _complete_word(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    return [
        word for word in ("verify", "record", "plugin", "completion") if word.startswith(incomplete)
    ]


@click.group(cls=Commands)
def reelin() -> None:
    """Get every picture, track, video and file behind a web page."""


@reelin.command(
    "download",
    epilog=EPILOG,
    cls=Download,
    context_settings=_SETTINGS,
    options_metavar="[OPTIONS]",
    params=[option for options in GROUPS.values() for option in options],
)
@click.argument("url", required=False, shell_complete=_complete_word)
@click.argument("name", required=False)
@click.pass_context
def download(ctx: click.Context, /, **values: Any) -> int:
    """Get every picture, track, video and file behind URL, into DIR/NAME/.

    URL is a page or a media file. NAME is the folder below DIR; without it, the folder is named
    after the URL, so that a later run finds and continues it.
    """
    from .download import run_download
    from .settings import settings_from

    settings = settings_from(ctx, values)
    if settings.display.list_plugins:
        from .output import print_plugins

        print_plugins(settings)
        return 0
    if settings.display.demo:
        from .demo import run_demo

        return run_demo(settings)
    if not settings.targets:
        click.echo(_USAGE, err=True)
        return 2
    return run_download(settings)


@reelin.command("verify", context_settings=_SETTINGS, params=VERIFY)
@click.argument("folder", type=click.Path(), metavar="DIR")
def verify_command(folder: str, repair: bool, json: bool, quiet: bool, **values: Any) -> int:
    """Hash the files of finished runs, in DIR and below, and compare them with their manifests.

    What is damaged, missing or foreign is told by name.
    """
    from pathlib import Path

    from .verify import run_verify

    mend = None
    if repair:
        from .settings import run_options

        mend = run_options(values)
    return run_verify(Path(folder), mend=mend, quiet=quiet, as_json=json)


@reelin.command("record", context_settings=_SETTINGS, params=RECORD)
@click.argument("url")
@click.argument("folder")
def record_command(url: str, folder: str, **values: Any) -> int:
    """Record the pages that an extractor asks for, for tests without a network.

    A login (--cookies, --netrc, -H) is used, and not kept: no cookie, no request header.
    """
    from .record import run_record

    return run_record(url, folder, values)


@reelin.group("plugin")
def plugin_commands() -> None:
    """Help authors of plugins."""


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
