from core.m3u8.segments import *
