from core.tasks.fetch import *
