from core.report import *
