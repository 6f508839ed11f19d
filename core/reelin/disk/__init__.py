"""Files that survive a crash: what an interrupted run leaves can be continued by the next one.

names:     file and folder names that are safe on every system, unique and stable
endings:   which extensions may stand on a file of some type
page_folder: which folder is a page's, where no person has named one
folder:    the folder of a run: its names, its manifest, and what is unfinished in it
landing:   one file on its way to the disk, from its first byte to its final name
keeper:    what the owner of that name decides: whether the file is good, recorded, named anew
item_keeper: the owner for an item of a run folder
blocking:  the blocking work on one file, as the writing threads do it
sums:      the checksums of a file, worked out as its bytes pass by
writer:    these threads, and making many files durable at once
space:     the free space, and how much of it the files under way will still take
durable:   what was written is made durable, where that is to be had
batch:     chunks that wait to be written together
sidecar:   what a later process must know to continue a file
manifest:  the list of the files that are complete
known:     these files, and which of them an item is, also at another address
unfinished: the files that were begun, and which of them an item goes on with
recall:    the files that were the very URL of a run
check:     what a folder holds against what its manifest says
lock:      one process at a time in a folder
atomic:    small files that are replaced in one step
temporary: folders of whole files that are passed on in pieces
"""
