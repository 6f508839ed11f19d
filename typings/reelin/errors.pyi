from core.errors import *
