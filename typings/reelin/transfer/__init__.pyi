from core.transfer import *
