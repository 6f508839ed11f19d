from core.ffmpeg.mux import *
