from core.transfer.answer import *
