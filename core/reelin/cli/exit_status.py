"""What becomes of a command: its exit status, and errors as one line on stderr."""

from __future__ import annotations

import os
import sys
from contextlib import suppress

import click

from ..model.errors import ReelinError, UsageError
from .command import COMPLETE_VARIABLE, reelin
from .config import describe_place


def run(arguments: list[str]) -> int:
    """Run a command; return its exit status. Errors are one line on stderr, never a traceback."""
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
        _complain(_describe(error))
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


def _describe(error: click.ClickException) -> str:
    """Return the message of an error; what nobody typed, with where it stands."""
    if isinstance(error, click.NoSuchOption):
        from .unknown_option import describe_unknown_option

        params = error.ctx.command.get_params(error.ctx) if error.ctx else []
        return describe_unknown_option(error.option_name, [n for each in params for n in each.opts])
    place = describe_place(error) if isinstance(error, click.BadParameter) else ""
    return f"{place}: {error.message}" if place else error.format_message()


def _abandon_stdout() -> None:
    """Have nothing more written, so that Python does not fail again when it ends."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _complain(message: str) -> None:
    from .output import printable

    click.echo(f"reelin: error: {printable(' '.join(message.split()))}", err=True)
