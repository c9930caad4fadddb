"""One module per screen: it reads the request, calls one use case, and names the template."""
