from core.ytdlp.formats import *
