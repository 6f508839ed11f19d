from core.hls.live import *
