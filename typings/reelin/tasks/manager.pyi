from core.tasks.manager import *
