from core.watch import *
