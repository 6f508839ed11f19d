"""The command line: `reelin URL [NAME]`, `python -m reelin`, `python main.py`.

command:     the commands
flags:       the options of `reelin URL`, in groups
config:      the configuration file
exit_status: exit statuses, and errors as one line
unknown_option: what is said of an option that there is not
settings:    what a person asked for, checked
download:    the whole of a download, ended by signals in good order
targets:     several URLs side by side, each into its place
destination: the sink for what is fetched
output, progress:
             what is printed: lines, JSON, tables; bars on a terminal
untaken:     what a run left out, where nothing is left
verify:      `reelin verify`
record:      `reelin record`
repair:      the files that it finds damaged or missing, fetched again
demo:        `--demo`
new_plugin:  `reelin plugin new`, from the files in template/
"""

from __future__ import annotations

import gc
import io
import os
import sys

# Made, and not yet freed, before the cycles among them are looked for. Python's 700 cost the start,
# which makes a hundred thousand that all stay, a twentieth of its time.
_OBJECTS = 50_000


def main() -> None:
    """Run the command line on `sys.argv` and exit with its status."""
    _prepare_streams()
    gc.set_threshold(_OBJECTS)
    try:
        # Only what is asked for is imported: `--help` answers at once.
        from .exit_status import run

        status = run(sys.argv[1:])
    except KeyboardInterrupt:
        status = 130
    sys.exit(status)


def _prepare_streams() -> None:
    """Streams that a daemon or a shell closed lead nowhere; no title is too foreign to print."""
    for name, mode in ("stdin", "r"), ("stdout", "w"), ("stderr", "w"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115, PTH123
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
