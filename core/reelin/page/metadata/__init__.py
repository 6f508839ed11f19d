"""Statements of pages and feeds that are meant for machines.

linked_data: JSON-LD, microdata and RDFa, read into things of one form
schema_org:  which media such things are, and their facts
open_graph:  media that `<meta>` and `<link>` elements announce
posts:       posts of a feed as items, whatever the feed is written in
media_rss:   files that posts attach: Media RSS, enclosures
playlist:    M3U, PLS and XSPF, read into tracks
"""
