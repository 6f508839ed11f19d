from core.fetcher import *
