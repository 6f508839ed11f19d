from core.resume import *
