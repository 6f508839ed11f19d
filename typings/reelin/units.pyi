from core.units import *
