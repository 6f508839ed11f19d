from core.installed import *
