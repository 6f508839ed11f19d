from extractors.soundmanager import *
