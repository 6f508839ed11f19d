from core.sidecar import *
