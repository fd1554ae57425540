"""The headers that a magazine is served with. docs/operations.md shows the same for nginx and Caddy."""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "media-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "browsing-topics=(), camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

FOR_EVER = "public, max-age=31536000, immutable"
"""Cache-Control for names that carry a fingerprint: /theme/*.css, /theme/*.js, every rendition of a picture, and
the files in the folders of /search/ (its index.json is asked for anew)."""

TYPES = {
    ".xml": "application/xml; charset=utf-8",
    ".json": "application/json; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
    ".ics": "text/calendar; charset=utf-8",
}
"""Content-Type by the end of a file's name, where not every system knows it."""
