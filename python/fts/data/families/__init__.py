"""The indicator families, a module per chapter: each only lists formulas and windows."""
