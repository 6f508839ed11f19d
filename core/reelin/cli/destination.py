"""Where the items of a run go: a folder, an archive, a store, a pipe, or a plugin's sink."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import BinaryIO

from .. import DiskSink
from ..plugins.registry import Registry
from ..plugins.sink import Sink
from .settings import STDOUT, Settings, Target


def place_of(settings: Settings, target: Target) -> str:
    """What people are told of it: a path, or a URL below that of an object store."""
    if settings.sink is not None:
        return settings.sink
    if settings.writes_to_stdout:
        return "stdout"
    if settings.zip is not None:
        return str(settings.zip)
    if "://" in settings.output:
        return f"{settings.output.rstrip('/')}/{target.name}"
    return str(Path(settings.output).expanduser() / target.name)


def sink_of(settings: Settings, target: Target, registry: Registry) -> Sink:
    """The sink for the items of a target. Raises `UsageError` for a place that there is not."""
    place = place_of(settings, target)
    if settings.sink is not None:
        return registry.sink(settings.sink)
    if settings.zip is not None:
        from .. import ZipSink

        archive = _own_stdout() if settings.zip == STDOUT else settings.zip
        return ZipSink(archive, spool=settings.zip_spool, template=settings.template)
    if settings.writes_to_stdout:
        from .. import StdoutSink

        return StdoutSink(_own_stdout())
    if "://" in place:
        from .. import ObjectSink

        return ObjectSink(place, template=settings.template, overwrite=settings.overwrite)
    return DiskSink(
        place,
        template=settings.template,
        overwrite=settings.overwrite,
        resume=settings.resume,
    )


def _own_stdout() -> BinaryIO:
    """What stdout was. Whatever others print from now on goes to stderr."""
    descriptor = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    os.set_blocking(descriptor, True)
    return open(descriptor, "wb", buffering=0)  # noqa: PTH123 - it ends with the process
