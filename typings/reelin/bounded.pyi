from core.bounded import *
