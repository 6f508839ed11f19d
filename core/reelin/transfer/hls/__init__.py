"""The bytes of an item by HLS: the segments of its playlists, and one file of them.

stream:   `HlsTransfer`, which opens, gives and saves the whole
plan:     which tracks there are to fetch, each with its playlist
loading:  playlists over HTTP, and mirrors with the same segments
segments: the segments of a playlist, fetched ahead, decrypted and checked, in order
body:     the bytes of one segment, gathered
check:    what a segment has to be, and what is taken from it that is no part of it
disguise: where media begin behind a picture, or something else
containers: MPEG-TS, MP4 and audio, told by their first bytes
audio_frames: how long the frames of audio are
room:     how many bytes may wait for their turn
crypt:    keys, and segments encrypted as a whole
live:     a live playlist, followed
tracks:   tracks fetched into their files
subtitles: subtitles that have an end, whose loss is not that of the film
texts:    which bytes are text for subtitles, and in which encoding
files:    the files of one track on the disk, which a later process can continue
muxing:   one file of all tracks, or of one as it came
naming:   what that file is called
"""
