from core.transfer.batch import *
