from core.atomic import *
