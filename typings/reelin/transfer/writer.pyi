from core.transfer.writer import *
