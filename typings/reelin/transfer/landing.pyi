from core.transfer.landing import *
