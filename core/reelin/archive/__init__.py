"""Many items as one ZIP that can be continued at any byte.

zip_archive: the archive that workers store items in
queue:       entries in their order, and how much of them waits in memory
thread:      the thread in which zipstream-ng makes the bytes
format:      these bytes: dates, checksums and lengths
outlet:      where they go: a file, a stream, a reader
layout:      an archive that is known to the byte before it is made
promises:    what is still to come of a layout
checksums:   those of what was made, by which another process goes on
"""
