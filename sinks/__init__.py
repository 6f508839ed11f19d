"""The built-in sinks: where verified bytes go.

disk:           files in a folder, the default
objects:        objects in a store, such as S3
records:        what is noted of them, so that later runs know them
families:       items of one run that may be one, by their addresses
store_urls:     how that store is opened, and what its errors say
stdout:         one item as a stream
zip:            one ZIP instead of files
"""
