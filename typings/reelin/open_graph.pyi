from core.open_graph import *
