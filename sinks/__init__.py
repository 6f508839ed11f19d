"""The built-in sinks: where verified bytes go. One file each."""
