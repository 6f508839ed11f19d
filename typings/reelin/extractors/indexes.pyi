from extractors.indexes import *
