"""ffmpeg as a tool: found, run safely on local files, asked what a file holds.

program: the program itself
media:   what a file holds
mux:     streams put into one file without a change to them
sound:   sound made into another kind of file
vtt:     subtitles on the clock of their film
"""

from .program import Ffmpeg, Source, find

__all__ = ["Ffmpeg", "Source", "find"]
