"""The command line, one file per command: options, a verb, its output."""
