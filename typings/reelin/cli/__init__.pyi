from core.cli import *
