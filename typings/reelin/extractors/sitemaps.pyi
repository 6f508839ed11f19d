from extractors.sitemaps import *
