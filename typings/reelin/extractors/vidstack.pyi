from extractors.vidstack import *
