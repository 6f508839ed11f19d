from core.transfer.child import *
