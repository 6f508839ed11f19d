"""`python cli.py [STATE_FILE]`: a small menu to try the download manager with."""

from __future__ import annotations

import asyncio
import sys
import threading
from pathlib import Path
from urllib.parse import unquote, urlsplit

try:
    from reelin import DownloadManager, ReelinError
except ModuleNotFoundError as error:
    if error.name != "reelin":
        raise
    sys.exit("reelin is not installed here yet; run: python -m pip install -e '.[full]'")

STATE_FILE = "my_downloads.json"
MENU = """
1. Start Download
2. Show Progress Download
3. List All Download Tasks
5. Stop Download by ID
7. Stop All Downloads
9. Exit"""


class Menu:
    """The choices of the menu. What is downloaded goes on in other threads while it waits."""

    def __init__(self, manager: DownloadManager) -> None:
        self._manager = manager
        self._threads: list[threading.Thread] = []
        self._choices = {
            "1": self._start,
            "2": self._show_progress,
            "3": self._list,
            "5": self._stop,
            "7": self._stop_all,
        }

    def run(self) -> None:
        """Ask and answer until it is enough."""
        while True:
            print(MENU)
            try:
                choice = input("Your choice: ").strip()
                if choice == "9":
                    return
                self._choices.get(choice, self._unknown)()
            except (ReelinError, UnicodeError) as error:
                print(error)

    def close(self) -> None:
        """Stop what is downloading; it is continued when the menu is started again."""
        if self._manager.stop_all_downloads():
            print("What is not complete is kept: start again, choose 1, and press Enter.")
        for thread in self._threads:
            thread.join()

    def _start(self) -> None:
        url = input("URL (Enter: go on with all that is not complete): ").strip()
        if url:
            name = Path(unquote(urlsplit(url).path)).name or "download"
            path = input(f"File (Enter: {name}): ").strip()
            print(f"{self._manager.add_download(url, path or name)} is added.")
        else:
            for task in self._manager.list_all_tasks():
                self._manager.resume_download(task["task_id"])
        self._threads.append(threading.Thread(target=self._download))
        self._threads[-1].start()

    def _download(self) -> None:
        try:
            asyncio.run(self._manager.start_downloads())
        except ReelinError as error:
            print(error)

    def _show_progress(self) -> None:
        for each in self._manager.get_all_progress() or self._none():
            size = "?" if each["total_bytes"] is None else each["total_bytes"]
            print(
                f"{each['task_id']}  {each['status']}  {each['percentage']:.1f} %"
                f"  {each['downloaded_bytes']} of {size} bytes  {each['url']}"
            )

    def _list(self) -> None:
        for each in self._manager.list_all_tasks() or self._none():
            error = f"  {each['error']}" if each["error"] else ""
            print(
                f"{each['task_id']}  {each['status']}  {each['created_at']}"
                f"  {each['url']} -> {each['filepath']}{error}"
            )

    def _stop(self) -> None:
        task_id = input("ID (such as task_1): ").strip()
        stopped = self._manager.stop_download(task_id)
        print(f"{task_id} is stopped." if stopped else f"{task_id!r} is not downloading.")

    def _stop_all(self) -> None:
        print("All are stopped." if self._manager.stop_all_downloads() else "None is downloading.")

    def _none(self) -> tuple[()]:
        print("There are no tasks.")
        return ()

    def _unknown(self) -> None:
        print("There is no such choice.")


def main(state_file: str = STATE_FILE) -> None:
    """Run the menu until Exit, the end of the input, or Ctrl-C."""
    try:
        menu = Menu(DownloadManager(state_file=state_file))
    except ReelinError as error:
        sys.exit(str(error))
    status = 0
    try:
        menu.run()
    except EOFError:
        print()
    except KeyboardInterrupt:
        status = 130
        print()
    menu.close()
    sys.exit(status)


if __name__ == "__main__":
    main(*sys.argv[1:2])
