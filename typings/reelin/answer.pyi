from core.answer import *
