from core.ytdlp import *
