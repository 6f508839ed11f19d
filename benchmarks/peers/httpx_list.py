"""httpx: download the URLs of a list into a folder, so many at a time, streamed to disk."""

import asyncio
import sys
from pathlib import Path

import httpx


async def main(listing: str, folder: str, workers: str) -> None:
    urls = iter(Path(listing).read_text().split())
    limits = httpx.Limits(max_connections=int(workers), max_keepalive_connections=int(workers))
    async with httpx.AsyncClient(limits=limits, timeout=60) as client:

        async def work() -> None:
            for url in urls:
                async with client.stream("GET", url) as response:
                    response.raise_for_status()
                    with open(Path(folder, url.rpartition("/")[2]), "wb") as file:
                        async for chunk in response.aiter_bytes(1 << 20):
                            file.write(chunk)

        await asyncio.gather(*(work() for _ in range(int(workers))))


asyncio.run(main(*sys.argv[1:]))
