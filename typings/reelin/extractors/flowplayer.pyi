from extractors.flowplayer import *
