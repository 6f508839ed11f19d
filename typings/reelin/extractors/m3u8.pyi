from extractors.m3u8 import *
