from core.transfer.ranges import *
