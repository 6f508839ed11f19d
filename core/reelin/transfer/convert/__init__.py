"""Audio made into another kind of file.

transcoded: `Transcoded`, a transfer around the one that fetches what is converted
original:   the landing of what is to be converted, kept until that is done
covers:     the images that become covers of audio files
"""
