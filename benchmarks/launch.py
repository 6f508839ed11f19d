"""Run a command to its end; print its seconds, CPU seconds, peak KiB and wait status.

A process of its own: Linux counts the memory of whoever starts a program into the peak of that
program, and little starts with less than this.
"""

import os
import sys
import time

command = sys.argv[1:]
nowhere = os.open(os.devnull, os.O_RDWR)
quiet = [(os.POSIX_SPAWN_DUP2, nowhere, 0), (os.POSIX_SPAWN_DUP2, nowhere, 1)]
started = time.perf_counter()
child = os.posix_spawnp(command[0], command, os.environ, file_actions=quiet)
_, status, usage = os.wait4(child, 0)
wall = time.perf_counter() - started
peak = usage.ru_maxrss // (1024 if sys.platform == "darwin" else 1)
print(wall, usage.ru_utime + usage.ru_stime, peak, os.waitstatus_to_exitcode(status))
