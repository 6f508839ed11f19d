from extractors.wordpress import *
