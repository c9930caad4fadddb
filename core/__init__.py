"""Potkeeper's rules: plain Python over SQLite, with no Discord, no web and no event loop in them."""
