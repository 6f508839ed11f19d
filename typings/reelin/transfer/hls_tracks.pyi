from core.transfer.hls_tracks import *
