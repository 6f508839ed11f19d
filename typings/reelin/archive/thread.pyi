from core.archive.thread import *
