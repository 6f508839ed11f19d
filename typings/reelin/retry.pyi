from core.retry import *
