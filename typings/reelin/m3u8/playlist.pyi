from core.m3u8.playlist import *
