from core.sniff import *
