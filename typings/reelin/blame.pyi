from core.blame import *
