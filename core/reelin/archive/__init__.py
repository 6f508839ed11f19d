"""Many items as one ZIP that can be continued at any byte.

zip_archive: the archive that workers store items in
queue:       entries in their order, and how much of them waits in memory
thread:      the thread in which zipstream-ng makes the bytes
format:      these bytes: dates, checksums and lengths
outlet:      where they go: a file, a stream, a reader
layout:      an archive that is known to the byte before it is made
promises:    what is still to come of a layout
wanted:      the part that a request asks for, and the head of its answer
stored_archive: files that are there already as one ZIP: `archive_of`
kept:        such a file, and how it is read
directory:   the frame of such a ZIP: all bytes that are no file's
checksums:   those of what was made, by which another process goes on
"""
