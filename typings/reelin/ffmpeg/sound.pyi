from core.ffmpeg.sound import *
