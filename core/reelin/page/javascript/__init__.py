"""JavaScript read as data: the literals that scripts hold. Nothing is ever run.

    script = javascript.read("const base = '/a/'; player.source = {src: base + 'b.mp4'}")
    script.assignments("source")[0].value       # {'src': '/a/b.mp4'}

Objects become dicts, arrays lists, `null` and `undefined` None, whole numbers int. Names and paths
that the script assigns are followed (the assignment last before the use counts), strings and
templates joined, `...` spread, `JSON.parse('…')` read. What only running the script could tell
(functions, calls, conditions, counters) is left out of objects and arrays, and None among
arguments. Takes linear time and bounded memory, whatever the text, and never raises.

source:      a script that answers questions: `Source`, `Call`, `Assignment`
reader:      expressions read as values
tokens:      the parts of them that hold no others, and the budget for all
joins:       texts put together around one part that is not known: `Join`
assignments: where the script gives a value to which name
operators:   sums and signs of values
json_values: JSON, and the value that is not known
scalars:     strings and numbers
paths:       names and paths, and when two are the same
code:        a script taken apart: code, comments, strings, brackets
devalue:     the notation of SvelteKit and Nuxt for the state of a page
"""

from .joins import Join as Join
from .source import Assignment as Assignment
from .source import Call as Call
from .source import Source as Source
from .source import read as read
