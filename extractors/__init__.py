"""The built-in extractors: page -> items. One file per player, gallery, playlist or site family."""
