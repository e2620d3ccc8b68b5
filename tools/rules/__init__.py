"""The rules of tools/tidy.py, one module each. A rule is a function check(tree) -> findings."""
