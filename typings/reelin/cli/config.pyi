from core.cli.config import *
