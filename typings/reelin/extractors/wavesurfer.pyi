from extractors.wavesurfer import *
