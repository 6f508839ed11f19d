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

# Where it lies when reelin is installed, and in a checkout.
SITES = (Path(__file__).parent / "demo_site", Path(__file__).parents[3] / "fixtures" / "demo")


def run_demo(settings: Settings) -> int:
    """Serve the demo site on loopback and download its audiobook and its gallery."""
    with serve(find_site()) as address:
        targets = tuple(
            Target((f"{address}/{page}.html",), f"demo-{page}") for page in ("audiobook", "gallery")
        )
        return run_download(replace(settings, targets=targets))


def find_site() -> Path:
    """Return the folder of the demo site. Raises `UsageError` where it was left out."""
    site = next((each for each in SITES if (each / "index.html").is_file()), None)
    if site is None:
        raise UsageError(f"the demo site is missing; reelin should have it in {SITES[0]}")
    return site


@contextmanager
def serve(folder: Path) -> Iterator[str]:
    """Serve a folder on a free port of this machine only; give its address."""
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
