from core.ytdlp.choice import *
