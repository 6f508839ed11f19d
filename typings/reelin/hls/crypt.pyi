from core.hls.crypt import *
