from extractors.shaka import *
