from core.sink import *
