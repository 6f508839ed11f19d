from core.ffmpeg.vtt import *
