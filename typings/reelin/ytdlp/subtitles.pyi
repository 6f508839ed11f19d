from core.ytdlp.subtitles import *
