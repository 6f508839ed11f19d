from extractors.dashjs import *
