"""Every socket: one guarded, polite, retrying HTTP client.

client:      requests, redirects, checks of what was answered
redirect:    where an answer leads on
connections: direct ones, and those through proxies
proxies:     the one that a person names, or those of the environment
hosts:       which are paused or given up, and how many connections each has
rate:        a limit of bytes per second
response:    the body of an answer, as it arrives
decoder:     content codings: which ones are real, and what a body is without them
coding_layers: each one that can be undone
network:     the settings of all this
guard:       which addresses may be connected to
credentials: logins and secret headers, and where they may go
cookies:     those that a session begins with, of a file or a browser
cookie_file: a cookies.txt as people have it
retry:       when to try again, how long to wait, and when to give up
trace:       requests and answers as a log may show them
versions:    which bytes of a resource may stand together
faults:      what went wrong, in the words of a person
"""
