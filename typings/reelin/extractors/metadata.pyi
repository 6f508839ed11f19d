from extractors.metadata import *
