from core.transfer.sidecar import *
