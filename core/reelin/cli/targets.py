"""The targets of one command: downloaded side by side, within the bounds of one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from ..disk.space import DiskSpace
from ..model.errors import ReelinError, UsageError
from ..model.events import Event, Finished, Progress
from ..plugins.registry import Registry
from ..run.run import Run
from ..run.session import Session
from ..run.stopping import stop
from .destination import make_sink, place_of
from .output import Output
from .settings import Settings, Target
from .untaken import Untaken

FAILED, NOTHING_FOUND = 1, 3


class Targets:
    """Downloads the targets of a command, several at the same time.

    runs: where each run is added as it begins
    """

    def __init__(
        self,
        settings: Settings,
        session: Session,
        registry: Registry,
        output: Output,
        runs: list[Run],
    ) -> None:
        self.runs = runs
        self._settings = settings
        self._session = session
        self._registry = registry
        self._output = output
        self._pool = session.make_pool()
        self._space = DiskSpace()
        self._queue = iter(settings.targets)
        self._shown = asyncio.Event()  # that of the last target which was begun
        self._shown.set()
        self._failed = self._is_one_empty = False

    async def download(self) -> int:
        """Download all of them; return the exit status."""
        most = min(self._settings.run.workers, len(self._settings.targets))
        workers = [asyncio.create_task(self._work()) for _ in range(most)]
        try:
            await asyncio.gather(*workers)
        except _GaveUp:
            pass
        finally:
            await stop(workers)
        if self._failed:
            return FAILED
        return NOTHING_FOUND if self._is_one_empty else 0

    async def _work(self) -> None:
        for target in self._queue:
            before, self._shown = self._shown, asyncio.Event()
            shown = self._shown
            ok, some = await self._download(target, before)
            if self._output.in_order:
                await before.wait()
            shown.set()
            self._failed = self._failed or not ok
            self._is_one_empty = self._is_one_empty or not some
            if not ok and self._settings.run.fail_fast:
                raise _GaveUp

    async def _download(self, target: Target, before: asyncio.Event) -> tuple[bool, bool]:
        """Download a target; return whether nothing failed, and whether each URL led to anything.

        before: set when the target before it has been shown to its end
        """
        try:
            sink = make_sink(self._settings, target, self._registry, self._space)
            run = self._session.run_with(
                self._settings.run, *target.urls, sink=sink, pool=self._pool
            )
            self.runs.append(run)
            await self._show(run, target, before)
        except UsageError:
            raise
        except ReelinError as error:
            if isinstance(error.__cause__, BrokenPipeError):
                raise error.__cause__ from None  # who read it has gone
            self._output.error(str(error))
            return False, True
        return run.report.ok, not run.report.empty

    async def _show(self, run: Run, target: Target, before: asyncio.Event) -> None:
        """Show a run as it goes, or from its turn on."""
        place = place_of(self._settings, target)
        async with run:
            self._output.begin(target.urls, place)
            untaken = Untaken(target.urls)
            async for event in _hold(run, before) if self._output.in_order else run:
                untaken.note(event)
                self._output.show(event, place)
                if isinstance(event, Finished):
                    for sentence in untaken.sentences(event, run.report.empty):
                        self._output.show_untaken(sentence)


async def _hold(run: Run, turn: asyncio.Event) -> AsyncIterator[Event]:
    """Yield the events of a run from its turn on; progress before that is of no more use.

    They are read before it as well: a run that nobody reads stands still after some hundreds, and
    keeps the downloads of others from what it holds.
    """
    held: list[Event] = []
    failure: ReelinError | None = None
    try:
        async for event in run:
            if turn.is_set():
                for each in (*held, event):
                    yield each
                held.clear()
            elif not isinstance(event, Progress):
                held.append(event)
    except ReelinError as error:
        failure = error
    await turn.wait()
    for each in held:
        yield each
    if failure is not None:
        raise failure


class _GaveUp(Exception):
    """One target failed, and with `--fail-fast` that ends the others."""
