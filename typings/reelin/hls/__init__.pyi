from core.hls import *
