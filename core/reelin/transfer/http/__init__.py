"""The bytes of an item by plain HTTP.

resource: `HttpTransfer`, which saves a body by the way that suits
request:  asking until an answer is good: of one version, from a known byte on
ranges:   one big file over several connections
"""
