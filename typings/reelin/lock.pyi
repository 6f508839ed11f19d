from core.lock import *
