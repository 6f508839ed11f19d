from extractors.hlsjs import *
