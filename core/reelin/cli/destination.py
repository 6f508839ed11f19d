"""The place where items go: a folder, an archive, a store, a pipe, or a plugin's sink."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import BinaryIO

from ..disk.space import DiskSpace
from ..plugins.registry import Registry
from ..plugins.sink import Sink
from .settings import STDOUT, Settings, Target


def place_of(settings: Settings, target: Target) -> str:
    """Return what people are told of it: a path, or a URL below that of an object store."""
    place = settings.destination
    if place.sink is not None:
        return place.sink
    if settings.writes_to_stdout:
        return "stdout"
    if place.zip is not None:
        return str(place.zip)
    if "://" in place.output:
        scheme, _, prefix = place.output.partition("://")
        return f"{scheme}://{prefix.rstrip('/')}/{target.name}"
    return str(Path(place.output).expanduser() / target.name)


def make_sink(
    settings: Settings, target: Target, registry: Registry, space: DiskSpace
) -> Sink | None:
    """Make the sink for the items of a target; None where they are only to be found.

    Raises `UsageError` for a place that there is not.
    """
    if settings.display.finds_only:
        return None
    place, where = settings.destination, place_of(settings, target)
    if place.sink is not None:
        return registry.sink(place.sink)
    if place.zip is not None:
        from .. import ZipSink

        archive = _take_stdout() if place.zip == STDOUT else place.zip
        return ZipSink(archive, spool=place.zip_spool, template=place.filename)
    if settings.writes_to_stdout:
        from .. import StdoutSink

        return StdoutSink(_take_stdout())
    if "://" in where:
        from .. import ObjectSink

        return ObjectSink(where, template=place.filename, overwrite=place.overwrite)
    from .. import DiskSink

    return DiskSink(
        where,
        template=place.filename,
        overwrite=place.overwrite,
        resume=not place.no_resume,
        page=target.page,
        space=space,
    )


def _take_stdout() -> BinaryIO:
    """Return what stdout was. Whatever others print from now on goes to stderr."""
    descriptor = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    os.set_blocking(descriptor, True)
    return open(descriptor, "wb", buffering=0)  # noqa: PTH123 - it ends with the process
