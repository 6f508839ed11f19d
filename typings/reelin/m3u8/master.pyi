from core.m3u8.master import *
