from core.ffmpeg import *
