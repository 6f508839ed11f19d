from core.elements import *
