from extractors import *
