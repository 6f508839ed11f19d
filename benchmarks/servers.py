"""The servers that all contenders fetch from: nginx on loopback, and a proxy that adds latency."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_CONFIG = """
daemon off; worker_processes 2; pid {state}/pid; error_log {state}/error.log;
events {{ worker_connections 2048; }}
http {{
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000;
  client_body_temp_path {state}/b; proxy_temp_path {state}/p; fastcgi_temp_path {state}/f;
  uwsgi_temp_path {state}/u; scgi_temp_path {state}/s;
  types {{ text/html html; image/jpeg jpg; video/mp4 mp4; }}
  server {{
    listen 127.0.0.1:{port}; root {root};
    location /slow/ {{ alias {root}/; limit_rate 10m; }}
  }}
}}
"""


def free_port() -> int:
    """A port of loopback that nobody uses just now."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def nginx_program() -> str | None:
    """Where nginx is; Debian keeps it off the usual PATH."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")


@contextmanager
def nginx(root: Path) -> Iterator[str]:
    """The origin at which a folder is served; `/slow/` at 10 MB/s a connection."""
    program = nginx_program()
    if program is None:
        raise SystemExit("the benchmarks need nginx: install it, or add --install-system")
    with tempfile.TemporaryDirectory() as state:
        port = free_port()
        config = Path(state, "nginx.conf")
        config.write_text(_CONFIG.format(state=state, port=port, root=root))
        server = subprocess.Popen(
            [program, "-c", str(config), "-p", state], stderr=subprocess.DEVNULL
        )
        try:
            _wait_for(port)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait()


def _wait_for(port: int) -> None:
    for _ in range(100):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise SystemExit("nginx did not start")


@contextmanager
def latency(origin: str, seconds: float) -> Iterator[str]:
    """The origin behind a proxy that holds back each request for so long, many at a time."""
    port = int(origin.rpartition(":")[2])
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(_proxy(port, seconds))
    threading.Thread(target=loop.run_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        loop.call_soon_threadsafe(loop.stop)


async def _proxy(port: int, seconds: float) -> asyncio.Server:
    async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter, wait: float) -> None:
        with contextlib.suppress(OSError):
            while chunk := await source.read(1 << 18):
                if wait:
                    await asyncio.sleep(wait)
                sink.write(chunk)
                await sink.drain()
        sink.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
        await asyncio.gather(pump(reader, there_writer, seconds), pump(there_reader, writer, 0.0))

    return await asyncio.start_server(serve, "127.0.0.1", 0, limit=1 << 20)
