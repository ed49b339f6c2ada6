"""Pages for people: what a command found, with its pictures, in one file that needs no other."""
