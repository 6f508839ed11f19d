from core.testing.recording import *
