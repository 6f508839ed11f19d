from core.decoder import *
