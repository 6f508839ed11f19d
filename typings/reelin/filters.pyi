from core.filters import *
