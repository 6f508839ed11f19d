from core.html import *
