from core.shelves import *
