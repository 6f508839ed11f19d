from core.transfer.inbox import *
