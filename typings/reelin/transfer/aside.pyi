from core.transfer.aside import *
