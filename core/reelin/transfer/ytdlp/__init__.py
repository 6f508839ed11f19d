"""The bytes of an item by yt-dlp, in a process of its own.

download:     `YtdlpTransfer`, which starts that process and takes its file
process:      that process, for the one that starts it
worker:       the module that runs there
parent:       the one that started it, for the worker
same_version: holds servers to one version of each file
"""
