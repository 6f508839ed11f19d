from core.srcset import *
