"""Plain URLs as tasks that can be stopped, continued and looked at: the `DownloadManager`.

manager: the `DownloadManager`
table:   its tasks, under one lock
round:   one `start_downloads` under way: those that are fetched, and how that ended
fetch:   the fetching of one URL to exactly the name that was asked for
task:    one task, its progress and its checks
state:   the file in which tasks outlive the process
saver:   when that is written
"""
