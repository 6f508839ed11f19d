from core.hls.plan import *
