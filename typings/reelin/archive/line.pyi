from core.archive.line import *
