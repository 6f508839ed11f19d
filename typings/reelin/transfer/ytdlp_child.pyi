from core.transfer.ytdlp_child import *
