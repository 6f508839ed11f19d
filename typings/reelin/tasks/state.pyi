from core.tasks.state import *
