from core.ytdlp.backend import *
