from core.xml import *
