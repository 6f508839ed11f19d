from extractors.playlists import *
