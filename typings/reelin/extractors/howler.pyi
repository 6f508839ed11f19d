from extractors.howler import *
