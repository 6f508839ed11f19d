from extractors.videojs import *
