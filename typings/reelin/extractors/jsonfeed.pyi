from extractors.jsonfeed import *
