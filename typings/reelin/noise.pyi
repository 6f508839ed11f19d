from core.noise import *
