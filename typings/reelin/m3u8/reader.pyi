from core.m3u8.reader import *
