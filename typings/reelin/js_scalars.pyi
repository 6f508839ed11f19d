from core.js_scalars import *
