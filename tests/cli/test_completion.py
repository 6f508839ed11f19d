"""What a shell is offered for completion."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.shell import shell


def offered(line: str, home: Path) -> list[str]:
    """Values that bash would be offered at the end of a command line, as `kind,value`."""
    words = len(line.split(" ")) - 1
    return (
        shell(
            "$REELIN",
            home,
            _REELIN_COMPLETE="bash_complete",
            COMP_WORDS=line,
            COMP_CWORD=str(words),
        )
        .stdout.decode()
        .split()
    )


@pytest.mark.parametrize(
    ("line", "values"),
    [
        ("reelin --wor", ["plain,--workers"]),
        ("reelin http://x/ --no-pri", ["plain,--no-private"]),
        ("reelin ver", ["plain,verify"]),
        ("reelin http://x/ -p ply", ["plain,plyr"]),
        ("reelin -o d", ["file,d"]),
        ("reelin completion ", ["plain,bash", "plain,zsh", "plain,fish"]),
        ("reelin verify --q", ["plain,--quiet"]),
        ("reelin http", []),
    ],
)
def test_words_options_and_plugins_are_completed(
    line: str, values: list[str], tmp_path: Path
) -> None:
    assert offered(line, tmp_path) == values


def test_the_script_for_bash_is_a_script(tmp_path: Path) -> None:
    done = shell(
        "$REELIN completion bash > script && bash -n script && grep -c reelin script", tmp_path
    )
    assert done.returncode == 0, done.stderr
