from core.session import *
