"""ffmpeg as a tool: found, run safely on local files, asked what a file holds.

program:   the program itself, and what it is given to read
probe:     what a file holds
mux:       streams put into one file without a change to them
mux_track: one track of that file
audio:     audio made into another kind of file
vtt:       subtitles on the clock of their stream
packed:    when audio without a container begins
"""

from .program import Ffmpeg, Input, find

__all__ = ["Ffmpeg", "Input", "find"]
