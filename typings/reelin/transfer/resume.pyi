from core.transfer.resume import *
