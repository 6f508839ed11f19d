from sinks.disk import *
