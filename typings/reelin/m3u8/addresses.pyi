from core.m3u8.addresses import *
