from core.facts import *
