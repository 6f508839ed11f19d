from core.client import *
