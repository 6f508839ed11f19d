from core.pictures import *
