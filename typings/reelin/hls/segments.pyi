from core.hls.segments import *
