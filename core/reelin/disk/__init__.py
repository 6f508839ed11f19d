"""Files that survive a crash: names, parts, sidecars, locks, manifests."""
