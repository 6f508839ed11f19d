from core.archive.outlet import *
