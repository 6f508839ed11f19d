from core.failure import *
