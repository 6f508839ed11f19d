from core.js_values import *
