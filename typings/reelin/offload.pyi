from core.offload import *
