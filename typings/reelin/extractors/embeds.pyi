from extractors.embeds import *
