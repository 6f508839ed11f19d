from core.cli.command import *
