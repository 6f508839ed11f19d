from core.ytdlp.sites import *
