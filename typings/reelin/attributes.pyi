from core.attributes import *
