from core.scripts import *
