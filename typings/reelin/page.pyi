from core.page import *
