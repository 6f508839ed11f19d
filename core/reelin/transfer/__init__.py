"""The bytes of one item, by protocol.

dispatch: which transfer fetches an item
answer:   whether a body is what its answer says
disposition: the file name that an answer asks for
connection_slots:
          how many connections a download may have
http/:    a file by HTTP
hls/:     a stream of segments
ytdlp/:   what only yt-dlp can fetch, in a process of its own
convert/: audio made into another kind of file
"""
