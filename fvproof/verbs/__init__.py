"""The verbs of the package, and what they return: `import fvproof as fv` gives them their short names."""
