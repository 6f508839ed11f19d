from core.entered import *
