from core.linked_data import *
