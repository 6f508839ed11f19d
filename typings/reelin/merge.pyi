from core.merge import *
