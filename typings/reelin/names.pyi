from core.names import *
