from core.transfer.ytdlp import *
