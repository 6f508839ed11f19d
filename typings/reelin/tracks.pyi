from core.tracks import *
