from core.player import *
