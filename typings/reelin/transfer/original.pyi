from core.transfer.original import *
