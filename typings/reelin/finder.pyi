from core.finder import *
