from core.playlist import *
