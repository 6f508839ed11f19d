from core.thumbs import *
