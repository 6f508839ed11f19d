from core.http_date import *
