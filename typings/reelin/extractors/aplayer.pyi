from extractors.aplayer import *
