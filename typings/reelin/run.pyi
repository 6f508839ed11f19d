from core.run import *
