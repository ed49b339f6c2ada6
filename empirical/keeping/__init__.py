"""Nothing is computed twice: finished work on disk, shared among processes."""
