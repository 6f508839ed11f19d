from core.verdict import *
