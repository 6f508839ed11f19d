from core.ffmpeg.packed import *
