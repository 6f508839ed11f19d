from extractors.gallery import *
