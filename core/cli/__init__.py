"""The command line: `reelin URL [NAME]`, `python -m reelin`, `python main.py`."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line on `sys.argv` and exit with its status."""
    # Only what is asked for is imported: `--help` answers at once.
    from .command import run

    sys.exit(run(sys.argv[1:]))
