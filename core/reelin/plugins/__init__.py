"""What plugins are, and how they are found, called and configured.

extractor:      the contract of what finds items on a page
player:         the base of extractors that know one JavaScript player
sink:           the contract of what stores items
filter:         the contract of what decides on items
transfer:       the contract of what fetches the bytes of one item
live_recording: how long live streams are recorded, for transfers of such

registry:       the plugins of a session, by name
index:          one slot for each plugin, filled when it is used
slot:           what is known of a plugin before it is imported, then the plugin
modules:        our own modules and installed ones, which have the plugins
memory:         the file that keeps what installed modules have
entries:        the entry points that name installed modules
hooks:          what a module's functions return; the only file that talks to pluggy
checks:         what is wrong with a plugin, as far as it can be seen
catalogue:      plugins described for people
options:        the typed options of plugins, read from text
calls:          calls into a plugin's code, bounded in time, and its errors
"""
