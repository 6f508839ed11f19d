from core.cli.demo import *
