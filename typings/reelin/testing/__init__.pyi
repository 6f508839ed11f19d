from core.testing import *
