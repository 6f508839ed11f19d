"""`reelin URL [NAME]`: run after run, shown as they go, ended by signals in good order."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from logging.handlers import RotatingFileHandler
from typing import TextIO

from ..model.errors import ReelinError, UsageError
from ..plugins.registry import Registry
from ..run.run import Run
from ..run.session import Session
from .output import ExplainOutput, FindsOutput, JsonOutput, Output, printable
from .settings import Settings
from .targets import Targets

logger = logging.getLogger("reelin.cli")
_LOG_BYTES, _LOG_FILES = 1_000_000, 5


def run_download(settings: Settings) -> int:
    """Do what the settings say; return the exit status."""
    with _set_up_logging(settings):
        try:
            return asyncio.run(_until_stopped(settings))
        except (ReelinError, OSError):
            raise
        except Exception:
            logger.info("what led to it:", exc_info=True)
            raise


async def _until_stopped(settings: Settings) -> int:
    """Download, but stop at the first SIGINT or SIGTERM; a second one ends the process at once.

    While live streams are recorded, one more: the first saves what there is of them.
    """
    runs: list[Run] = []
    work = asyncio.create_task(_download_all(settings, runs))
    stopped: list[int] = []

    def stop(number: int) -> None:
        if stopped:
            os._exit(128 + number)
        if [run for run in runs if run.end_recordings()]:
            if not settings.display.quiet:
                print("reelin: the recording ends here; once more gives it up", file=sys.stderr)
            return
        stopped.append(number)
        work.cancel()

    _call_at_signals(stop)
    try:
        return await work
    except asyncio.CancelledError:
        if not stopped:
            raise
        if not settings.display.quiet:
            lost = settings.destination.zip or settings.writes_to_stdout
            hope = "" if lost else "; the same command continues from here"
            print(f"reelin: stopped{hope}", file=sys.stderr)
        return 128 + stopped[0]


def _call_at_signals(stop: Callable[[int], None]) -> None:
    """Have the loop call `stop` with each SIGINT and SIGTERM. While it cannot, two end the process.

    It cannot where a plugin blocks it, such as a sink that waits for something.
    """
    loop = asyncio.get_running_loop()
    waiting: list[int] = []

    def take(number: int) -> None:
        waiting.clear()
        stop(number)

    def note(number: int, _frame: object) -> None:
        waiting.append(number)
        if len(waiting) > 1:
            os._exit(128 + number)

    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, take, number)
        except NotImplementedError:  # Windows: Ctrl-C raises KeyboardInterrupt instead
            return
        signal.signal(number, note)  # the loop is told nevertheless, by its wakeup descriptor


async def _download_all(settings: Settings, runs: list[Run]) -> int:
    """Run over all targets, adding each run to `runs`; return the exit status."""
    registry = Registry.load(without=settings.run.without).configured(settings.run.plugin_options)
    with choose_output(settings) as output:
        async with Session(
            workers=settings.run.workers,
            network=settings.run.network,
            registry=registry,
            ffmpeg=settings.run.ffmpeg,
        ) as session:
            return await Targets(settings, session, registry, output, runs).download()


def choose_output(settings: Settings) -> Output:
    """Return the way to show a run that the settings and the terminal ask for."""
    if settings.display.explain:
        return ExplainOutput(settings)
    if settings.display.finds_only:
        return FindsOutput(settings)
    if settings.display.json:
        return JsonOutput(settings)
    if not settings.display.no_progress and not settings.display.quiet and _is_terminal():
        from .progress import ProgressOutput

        return ProgressOutput(settings)
    return Output(settings)


def _is_terminal() -> bool:
    if os.environ.get("FORCE_COLOR"):
        return True
    return sys.stderr.isatty() and os.environ.get("TERM") != "dumb"


@contextmanager
def _set_up_logging(settings: Settings) -> Iterator[None]:
    """Log to stderr as loud as asked for, and to a file that is rotated."""
    logger = logging.getLogger("reelin")
    handlers: list[logging.Handler] = [_Stderr()]
    levels = [logging.WARNING, logging.INFO, logging.DEBUG]
    quiet = logging.ERROR if settings.display.quiet else levels[min(settings.display.verbose, 2)]
    handlers[0].setLevel(quiet)
    handlers[0].setFormatter(_Lines("reelin: %(message)s"))
    if settings.display.log_file is not None:
        handlers.append(_log_file(settings))
    logger.setLevel(logging.DEBUG if settings.display.log_file else quiet)
    for handler in handlers:
        logger.addHandler(handler)
    try:
        yield
    finally:
        for handler in handlers:
            logger.removeHandler(handler)
            handler.close()


class _Stderr(logging.StreamHandler[TextIO]):
    """Writes to what stderr is at the moment: rich puts lines above its bars that way."""

    @property
    def stream(self) -> TextIO:
        return sys.stderr

    @stream.setter
    def stream(self, _: object) -> None:
        """Keep it: it is never another one."""


class _Lines(logging.Formatter):
    """Messages without marks that would steer a terminal or forge a line; tracebacks as are."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        return printable(super().formatMessage(record))


def _log_file(settings: Settings) -> logging.Handler:
    file = settings.display.log_file
    assert file is not None
    try:
        handler = RotatingFileHandler(
            file,
            maxBytes=_LOG_BYTES,
            backupCount=_LOG_FILES - 1,
            encoding="utf-8",
        )
    except OSError as error:
        raise UsageError(f"log file {file}: {error.strerror}") from None
    handler.setFormatter(_Lines("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    return handler
