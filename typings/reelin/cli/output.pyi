from core.cli.output import *
