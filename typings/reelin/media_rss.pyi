from core.media_rss import *
