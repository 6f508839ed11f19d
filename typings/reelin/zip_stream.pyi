from core.zip_stream import *
