from extractors.ytdlp import *
