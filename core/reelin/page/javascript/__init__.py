"""Scripts read as data, and never run. See `read`."""

from .joins import Join as Join
from .source import Assignment as Assignment
from .source import Call as Call
from .source import Source as Source
from .source import read as read
