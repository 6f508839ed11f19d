from core.credentials import *
