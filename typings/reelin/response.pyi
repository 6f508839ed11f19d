from core.response import *
