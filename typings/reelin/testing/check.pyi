from core.testing.check import *
