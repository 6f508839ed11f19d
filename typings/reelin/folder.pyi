from core.folder import *
