from core.javascript import *
