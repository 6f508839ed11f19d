from extractors.direct import *
