from extractors.plyr import *
