from core.transfer.covers import *
