"""One fetched page, read as a browser and a person would.

page:             what an extractor sees: a document, its scripts as data, a judge of its images
document:         what was fetched, decoded and parsed once: what all readers of a page know
encoding:         how its bytes become text
html, xml:        text as a tree, however broken it is
xml_mending:      XML that was written as if it were HTML, made whole
listing:          feeds and sitemaps, told from pages
inline_data:      a page beyond its bound without the pictures that stand in it as data
inner_documents:  documents that stand in a page, in frames
text:             text as people read it
elements:         players, titles and addresses in markup
stream_names:     titles of streams whose addresses say nothing
pictures, srcset: an image in all its sizes and formats
lazy:             attributes in which lazy loaders keep an image
attributes:       backgrounds in styles, files in data attributes
thumbs:           what leads to larger images: lightboxes and galleries
pagination:       the next page of the same thing
referrers:        what of its URL the servers of its files and links are told
noise, judge:     images that nobody wants: by address and size, by the part of the page
scripts:          the scripts of a page, asked together
javascript/:      one script, read as data and never run
tracks:           objects and arrays of scripts as items: track lists of any player
track_facts, track_parts, track_renditions:
                  of one track: what is said of it, addresses in parts, its qualities
metadata/:        what pages and feeds say to machines
sign_in:          sign-in pages that stand in the place of what was asked for
why_empty:        pages that show nothing, as scripts build them
file_item:        a URL that is no page but a file, as an item
"""
