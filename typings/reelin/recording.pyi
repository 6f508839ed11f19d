from core.recording import *
