from core.ytdlp.info import *
