from core.cli.new_plugin import *
