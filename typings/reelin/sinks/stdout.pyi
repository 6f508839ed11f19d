from sinks.stdout import *
