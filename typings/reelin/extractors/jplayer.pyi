from extractors.jplayer import *
