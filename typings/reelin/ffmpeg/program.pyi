from core.ffmpeg.program import *
