from sinks.zip import *
