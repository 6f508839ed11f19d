from core.offers import *
