from core.archive import *
