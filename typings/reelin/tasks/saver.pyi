from core.tasks.saver import *
