"""`reelin URL [NAME]`: run after run, shown as they go, ended by signals in good order."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import BinaryIO, TextIO

from reelin.sinks.disk import DiskSink

from ..errors import ReelinError, UsageError
from ..registry import Registry
from ..session import Session
from ..sink import Sink
from .output import Output, output_for, printable
from .settings import Settings, Target

logger = logging.getLogger("reelin.cli")
FAILED, NOTHING_FOUND = 1, 3
_LOG_BYTES, _LOG_FILES = 1_000_000, 5


def run_download(settings: Settings) -> int:
    """Do what the settings say; the exit status."""
    with _logging(settings):
        try:
            return asyncio.run(_until_stopped(settings))
        except (ReelinError, OSError):
            raise
        except Exception:
            logger.info("what led to it:", exc_info=True)
            raise


async def _until_stopped(settings: Settings) -> int:
    """Download, but stop at the first SIGINT or SIGTERM; a second one ends the process at once."""
    work = asyncio.create_task(_download_all(settings))
    stopped: list[int] = []

    def stop(number: int) -> None:
        if stopped:
            os._exit(128 + number)
        stopped.append(number)
        work.cancel()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, stop, number)
        except NotImplementedError:  # Windows: Ctrl-C raises KeyboardInterrupt instead
            break
    try:
        return await work
    except asyncio.CancelledError:
        if not stopped:
            raise
        if not settings.quiet:
            hope = "" if settings.zip else "; the same command continues from here"
            print(f"reelin: stopped{hope}", file=sys.stderr)
        return 128 + stopped[0]


async def _download_all(settings: Settings) -> int:
    registry = Registry.load(without=settings.without).configured(settings.plugin_options)
    failed = found = False
    with output_for(settings) as output:
        async with Session(
            workers=settings.workers,
            network=settings.network,
            registry=registry,
            ffmpeg=settings.ffmpeg,
        ) as session:
            for target in settings.targets:
                try:
                    ok, some = await _download(session, target, settings, output)
                except UsageError:
                    raise
                except ReelinError as error:
                    if isinstance(error.__cause__, BrokenPipeError):
                        raise error.__cause__ from None  # who read it has gone
                    output.error(str(error))
                    ok, some = False, True
                failed, found = failed or not ok, found or some
                if failed and settings.fail_fast:
                    break
    if failed:
        return FAILED
    return 0 if found else NOTHING_FOUND


async def _download(
    session: Session, target: Target, settings: Settings, output: Output
) -> tuple[bool, bool]:
    """Run over one target; whether nothing failed, and whether anything was found."""
    where = settings.zip or settings.output / target.name
    run = session.run(
        *target.urls,
        sink=None if settings.finds_only else _sink(settings, where),
        filters=settings.filters,
        resolution=settings.resolution,
        live=settings.live,
        plugin=settings.plugin,
        fail_fast=settings.fail_fast,
        audio=settings.audio,
    )
    output.begin(target.urls, Path("stdout") if settings.zips_to_stdout else where)
    async with run:
        async for event in run:
            output.show(event)
    return run.report.ok, run.report.found > 0


def _sink(settings: Settings, where: Path) -> Sink:
    if settings.zip is None:
        return DiskSink(
            where,
            template=settings.template,
            overwrite=settings.overwrite,
            resume=settings.resume,
        )
    from reelin.sinks.zip import ZipSink

    target = _own_stdout() if settings.zips_to_stdout else where
    return ZipSink(target, spool=settings.zip_spool, template=settings.template)


def _own_stdout() -> BinaryIO:
    """What stdout was. Whatever others print from now on goes to stderr."""
    descriptor = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    os.set_blocking(descriptor, True)
    return open(descriptor, "wb", buffering=0)  # noqa: PTH123 - it ends with the process


@contextmanager
def _logging(settings: Settings) -> Iterator[None]:
    """Log to stderr as loud as asked for, and to a file that is rotated."""
    logger = logging.getLogger("reelin")
    handlers: list[logging.Handler] = [_Stderr()]
    levels = [logging.WARNING, logging.INFO, logging.DEBUG]
    quiet = logging.ERROR if settings.quiet else levels[min(settings.verbose, 2)]
    handlers[0].setLevel(quiet)
    handlers[0].setFormatter(_Lines("reelin: %(message)s"))
    if settings.log_file is not None:
        handlers.append(_log_file(settings))
    logger.setLevel(logging.DEBUG if settings.log_file else quiet)
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
        """It is never another one."""


class _Lines(logging.Formatter):
    """Messages without marks that would steer a terminal or forge a line; tracebacks as are."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        return printable(super().formatMessage(record))


def _log_file(settings: Settings) -> logging.Handler:
    assert settings.log_file is not None
    try:
        handler = RotatingFileHandler(
            settings.log_file, maxBytes=_LOG_BYTES, backupCount=_LOG_FILES - 1, encoding="utf-8"
        )
    except OSError as error:
        raise UsageError(f"log file {settings.log_file}: {error.strerror}") from None
    handler.setFormatter(_Lines("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    return handler
