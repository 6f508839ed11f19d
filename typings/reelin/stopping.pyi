from core.stopping import *
