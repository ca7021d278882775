"""The page and its style, for Jinja2."""
