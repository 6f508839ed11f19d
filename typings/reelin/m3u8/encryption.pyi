from core.m3u8.encryption import *
