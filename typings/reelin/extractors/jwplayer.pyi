from extractors.jwplayer import *
