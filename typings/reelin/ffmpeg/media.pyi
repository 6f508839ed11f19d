from core.ffmpeg.media import *
