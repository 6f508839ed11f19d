from extractors.data import *
