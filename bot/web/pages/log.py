"""To come."""

from bot.web.routing import Routes

pages = Routes()
