"""The exact functions of the theory as torch modules, as files, and drawn."""
