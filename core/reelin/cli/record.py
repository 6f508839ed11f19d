"""`reelin record URL FOLDER`: pages for the tests of a plugin."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import click

from ..testing import record
from .settings import run_options


def run_record(url: str, folder: str, values: Mapping[str, Any]) -> int:
    """Record what an extractor asks for, over the network as the options say; the exit status."""
    options = run_options(values)
    recorded = record(url, folder, plugin=options.plugin, network=options.network)
    for each in asyncio.run(recorded):
        click.echo(each)
    return 0
