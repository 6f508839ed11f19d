from core.events import *
