from extractors.feeds import *
