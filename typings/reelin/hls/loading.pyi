from core.hls.loading import *
