from core.testing.plugin import *
