from extractors.mediaelement import *
