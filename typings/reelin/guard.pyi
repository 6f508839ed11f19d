from core.guard import *
