from core.tasks.task import *
