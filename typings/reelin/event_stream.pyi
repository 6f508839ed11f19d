from core.event_stream import *
