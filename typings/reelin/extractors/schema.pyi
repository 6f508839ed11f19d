from extractors.schema import *
