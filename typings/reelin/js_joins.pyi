from core.js_joins import *
