from core.ytdlp.messages import *
