"""Settings that every magazine starts from. `pelicanconf.py`, or the file that `--settings` names, goes on top.

Two groups: how this software uses Pelican (leave them alone), and what a magazine may want to change.
"""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent

# -- How this software uses Pelican ------------------------------------------------------------------------------------

# The order matters: the magazine is made first, then shown. Dotted names, so that no installed plugin can take over.
PLUGINS = [
    "plugins.magazine",
    "plugins.checks",
    "plugins.language",
    "plugins.static",
    "plugins.media",
    "plugins.pages",
    "plugins.feeds",
    "plugins.digest",
    "plugins.catalogue",
    "plugins.sitemap",
    "plugins.search",
    "plugins.redirects",
]
THEME = str(ROOT / "theme")
CACHE_PATH = str(ROOT / ".cache")
JINJA_ENVIRONMENT = {
    "autoescape": True,
    "trim_blocks": True,
    "lstrip_blocks": True,
    "extensions": ["jinja2.ext.i18n"],
    "auto_reload": False,  # each build reads the templates anew; none looks for changes at each page
}
LOCALE = ["C"]  # dates and numbers are Babel's: the system may have no Swedish

# Pelican's own articles, pages, feeds and lists give way to the magazine's (docs/decisions.md).
ARTICLE_PATHS: list[str] = []
PAGE_PATHS: list[str] = []
STATIC_PATHS: list[str] = []
THEME_STATIC_PATHS: list[str] = []
DIRECT_TEMPLATES: list[str] = []
FEED_ALL_ATOM = CATEGORY_FEED_ATOM = AUTHOR_FEED_ATOM = AUTHOR_FEED_RSS = TRANSLATION_FEED_ATOM = None

# -- What a magazine may want to change --------------------------------------------------------------------------------

TIMEZONE = "Europe/Stockholm"
DEFAULT_LANG = "sv"
LIVE_ARTICLES = 20
MONTHS_OFF: tuple[int, ...] = ()
SITESUBTITLE = ""
PUBLISHER = ""
CONTACT = ""
ISSN = ""
NEWSLETTER_URL = ""
AVOID_WORDS: dict[str, str] = {}
WORD_LIST = "ordlista.txt"
