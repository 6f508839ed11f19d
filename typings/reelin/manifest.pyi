from core.manifest import *
