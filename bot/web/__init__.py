"""The web pages: a member's upload page and the desk of those who run the club. See docs/web.md."""
