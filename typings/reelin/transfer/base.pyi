from core.transfer.base import *
