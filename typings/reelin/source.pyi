from core.source import *
