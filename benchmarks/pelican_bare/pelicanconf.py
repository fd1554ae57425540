"""Plain Pelican with a bare theme: the least that a site of articles needs, and nothing that costs time."""

from pathlib import Path

SITENAME = "Provtidningen"
SITEURL = "https://provtidningen.example"
DEFAULT_LANG = "sv"
TIMEZONE = "Europe/Stockholm"
LOCALE = ["C"]
THEME = str(Path(__file__).parent)
PLUGINS: list[str] = []

# No pages of authors, no archives, no lists of all tags, no feeds: the front page, the articles, categories and tags.
AUTHOR_SAVE_AS = ""
DIRECT_TEMPLATES = ["index"]
FEED_ALL_ATOM = CATEGORY_FEED_ATOM = AUTHOR_FEED_ATOM = AUTHOR_FEED_RSS = TRANSLATION_FEED_ATOM = None
