"""The command line in a process of its own, with the streams and the environment of a test."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

REELIN = f'"{sys.executable}" -m reelin'


def environment(home: Path, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """A user's environment whose home is empty, and which sets no option but the `extra` ones."""
    ours = ("REELIN_", "NO_COLOR", "FORCE_COLOR", "PYTHONIOENCODING")
    clean = {key: value for key, value in os.environ.items() if not key.startswith(ours)}
    return {**clean, "HOME": str(home), "XDG_CONFIG_HOME": str(home / "config"), **(extra or {})}


def shell(
    command: str, home: Path, *, stdin: bytes = b"", **extra: str
) -> subprocess.CompletedProcess[bytes]:
    """Run a shell's command in `home`; `$REELIN` is the command line under test."""
    return subprocess.run(
        ["bash", "-c", command.replace("$REELIN", REELIN)],
        cwd=home,
        env=environment(home, extra),
        input=stdin,
        capture_output=True,
        timeout=60,
    )
