from core.network import *
