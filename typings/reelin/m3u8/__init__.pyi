from core.m3u8 import *
