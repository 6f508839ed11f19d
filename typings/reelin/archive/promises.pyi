from core.archive.promises import *
