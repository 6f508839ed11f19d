from core.transfer.ytdlp_versions import *
