from core.cli.progress import *
