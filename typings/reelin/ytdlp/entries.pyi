from core.ytdlp.entries import *
