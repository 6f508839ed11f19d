from core.archive.layout import *
