from core.hls.room import *
