from core.tasks import *
