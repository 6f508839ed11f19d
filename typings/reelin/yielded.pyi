from core.yielded import *
