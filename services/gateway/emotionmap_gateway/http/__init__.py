"""The HTTP door: routes, uploads, events, problems, the page and the API reference."""
