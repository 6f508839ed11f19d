"""parfive: download the URLs of a list into a folder, so many at a time."""

import sys
from pathlib import Path

from parfive import Downloader

listing, folder, workers = sys.argv[1:]
downloader = Downloader(max_conn=int(workers), progress=False)
for url in Path(listing).read_text().split():
    downloader.enqueue_file(url, path=folder)
results = downloader.download()
sys.exit(1 if results.errors else 0)
