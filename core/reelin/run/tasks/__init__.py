"""Plain URLs as tasks that can be stopped, continued and looked at: the `DownloadManager`.

manager: the tasks, and the run that fetches them
task:    one of them, and what is told of it
state:   the file in which they outlive the process
saver:   when it is written
fetch:   how the body of one URL gets under exactly the name that was asked for
"""
