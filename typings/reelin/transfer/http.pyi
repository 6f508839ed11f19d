from core.transfer.http import *
