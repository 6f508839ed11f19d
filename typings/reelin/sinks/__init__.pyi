from sinks import *
