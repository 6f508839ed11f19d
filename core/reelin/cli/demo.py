"""`--demo`: a small site of our own on this machine, and what reelin makes of it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from ..model.errors import UsageError
from .download import run_download
from .settings import Settings, Target

SITE = Path(__file__).resolve().parents[3] / "fixtures" / "demo"


def run_demo(settings: Settings) -> int:
    """Serve the demo site on loopback and download its audiobook and its gallery."""
    if not (SITE / "index.html").is_file():
        raise UsageError("--demo needs a checkout of reelin: the site is in its fixtures/demo")
    with served(SITE) as address:
        targets = tuple(
            Target((f"{address}/{page}.html",), f"demo-{page}") for page in ("audiobook", "gallery")
        )
        return run_download(replace(settings, targets=targets))


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address at which a folder is served, on a free port of this machine only."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_QuietHandler, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


class _QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing: the terminal belongs to the download."""
