from core.archive.archive import *
