from core.hls.choice import *
