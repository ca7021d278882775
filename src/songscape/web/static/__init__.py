"""The page itself: HTML, style, ES modules. `songscape.web.page` joins them into one file."""
