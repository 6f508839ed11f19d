from sinks.objects import *
