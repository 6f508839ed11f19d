from core.renditions import *
