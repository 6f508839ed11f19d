from core.registry import *
