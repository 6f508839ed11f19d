from core.options import *
