from core.transfer.hls import *
