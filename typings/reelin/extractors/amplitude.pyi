from extractors.amplitude import *
