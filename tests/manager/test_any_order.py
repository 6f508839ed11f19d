"""All that can be done with a DownloadManager, in any order."""

from __future__ import annotations

import asyncio
from pathlib import Path

from hypothesis import settings
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule
from support.loopback import Loopback, reply

from reelin import DownloadManager


class Machine(RuleBasedStateMachine):
    """A manager, and what its statuses should be by the words of its documentation."""

    tasks = Bundle("tasks")

    def __init__(self) -> None:
        super().__init__()
        self._server = Loopback().__enter__()
        self._server.on("/good", reply(200, b"good"))
        import tempfile

        self._folder = tempfile.TemporaryDirectory()
        self._manager = self._fresh()
        self._wanted: dict[str, str] = {}
        self._good: dict[str, bool] = {}

    def _fresh(self) -> DownloadManager:
        return DownloadManager(2, Path(self._folder.name) / "state.json")

    def teardown(self) -> None:
        self._server.__exit__()
        self._folder.cleanup()

    @rule(target=tasks)
    def add_good(self) -> str:
        return self._add("/good")

    @rule(target=tasks)
    def add_bad(self) -> str:
        return self._add("/bad")

    def _add(self, path: str) -> str:
        target = Path(self._folder.name) / str(len(self._wanted))
        task_id = self._manager.add_download(self._server.url(path), target)
        assert task_id == f"task_{len(self._wanted) + 1}"
        self._wanted[task_id], self._good[task_id] = "pending", path == "/good"
        return task_id

    @rule(task_id=tasks)
    def stop(self, task_id: str) -> None:
        stopped = self._wanted[task_id] == "pending"
        assert self._manager.stop_download(task_id) is stopped
        if stopped:
            self._wanted[task_id] = "paused"

    @rule()
    def stop_all(self) -> None:
        pending = [each for each, status in self._wanted.items() if status == "pending"]
        assert self._manager.stop_all_downloads() is bool(pending)
        self._wanted.update(dict.fromkeys(pending, "paused"))

    @rule(task_id=tasks)
    def resume(self, task_id: str) -> None:
        resumed = self._wanted[task_id] in ("paused", "failed")
        assert self._manager.resume_download(task_id) is resumed
        if resumed:
            self._wanted[task_id] = "pending"

    @rule()
    def start(self) -> None:
        asyncio.run(self._manager.start_downloads())
        for task_id, now in self._wanted.items():
            if now in ("pending", "failed"):
                self._wanted[task_id] = "completed" if self._good[task_id] else "failed"

    @rule()
    def restart(self) -> None:
        self._manager = self._fresh()

    @invariant()
    def as_it_should_be(self) -> None:
        told = {each["task_id"]: each["status"] for each in self._manager.list_all_tasks()}
        assert told == self._wanted
        for each in self._manager.list_all_tasks():
            assert (each["error"] is not None) == (each["status"] == "failed")
            assert Path(each["filepath"]).exists() == (each["status"] == "completed")


TestMachine = Machine.TestCase
TestMachine.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)
