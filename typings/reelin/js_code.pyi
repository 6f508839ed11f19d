from core.js_code import *
