from core.m3u8.attributes import *
