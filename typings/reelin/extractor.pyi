from core.extractor import *
