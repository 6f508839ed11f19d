from core.cli.download import *
