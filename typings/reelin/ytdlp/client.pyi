from core.ytdlp.client import *
