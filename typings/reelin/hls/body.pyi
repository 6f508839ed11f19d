from core.hls.body import *
