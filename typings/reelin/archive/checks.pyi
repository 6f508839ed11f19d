from core.archive.checks import *
