"""Find, keep, fetch, save: a run over URLs, told as one stream of events.

session:      `Session`: what several runs share, and where they begin
run:          one run: items found, kept, fetched in parallel, saved
engine:       the parts of a session that all runs share
options:      all that may be asked of a run, as one value
option_table, option_kinds:
              every option with its kind of value, bounds and help
blocking:     `download` and `find`, for scripts
item_source:  what gives a run its items
finder:       from URLs to items: extractors chosen, pages shown to them, links followed
known_starts: the URLs that the sink knows as files
visit:        a page that is to be looked at, and what is to say of it
seen:         the items that a run has seen
starts:       the URLs that a run begins with, and behind which of them nothing is
series:       pages that follow each other, until they bring nothing new
pages:        the pages that extractors ask for, each fetched once
page_body:    how much of an answer is read as a page
extraction:   extractors in threads, bounded in time and number
finds:        what they yield, checked and completed
filters:      the filters by type, extension, size and date; how several decide
watcher:      what a transfer tells: the item is judged again, progress is passed on
sink_guard:   a sink, and what is wrong with it
pool:         how much runs do at once, and the items for their workers
event_stream: events on their way to a reader who may be slow
full_disk:    a full disk, which ends all runs of a pool
report:       the end of a run in figures
stopping:     tasks that are cancelled, and clean up to the end
look:         how large known items are, without fetching them
zip_stream:   everything behind URLs as the bytes of one ZIP, for a web server
tasks/:       plain URLs as tasks: the `DownloadManager`
"""
