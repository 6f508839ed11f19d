from core.posts import *
