from core.pagination import *
