from core.m3u8.media import *
