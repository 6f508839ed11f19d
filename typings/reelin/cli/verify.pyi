from core.cli.verify import *
