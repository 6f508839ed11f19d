from core.hls.track import *
