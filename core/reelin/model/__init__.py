"""What travels between all others: items, events, errors, and words about URLs, types, sizes.

item:        items, their other renditions, and links to further pages
audio:       the kinds of files that audio may become
audio_choice: which rendition is best made into a wanted kind of audio
stored:      the head of an answer, and the receipt of a sink
events:      what a run tells
errors:      every error, as one tree
outcomes:    how a transfer may end other than well
merge:       one item of all that was found of one resource
resolution:  which rendition of a video is wanted
media_types: types by MIME type and extension
type_names:  old and wrong names of MIME types, and endings that fit a type
sniff:       types by the first bytes
likeness:    by what else than their address two files are the same one
signatures:  what in an address only says who may fetch it, and until when
urls:        URLs as browsers and people mean them
bad_url:     what is to be said of text that is none
referrer:    what of a page's URL other servers are told
languages:   which of their codes mean the same
facts:       dates, durations, counts and sizes as pages write them
units:       sizes, rates and dates as people write them
daemon:      threads that hold up nobody, and their word to an event loop
"""
