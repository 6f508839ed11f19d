from core.cli.settings import *
