from extractors.frames import *
