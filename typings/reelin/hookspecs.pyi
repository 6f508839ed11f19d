from core.hookspecs import *
