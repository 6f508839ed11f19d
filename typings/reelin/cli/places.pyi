from core.cli.places import *
