from core.schema_org import *
