from core.transfer.transcoded import *
