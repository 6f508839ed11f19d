from core.media_types import *
