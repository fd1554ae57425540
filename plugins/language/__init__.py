"""Plain language: advice on texts, for those who write. Stops nothing, and is not asked for by a build.

Swedish texts: LIX, long sentences, official jargon, words that the magazine avoids (AVOID_WORDS), the passive voice
where it hides who decides, and spelling where hunspell is installed (with the magazine's own words in WORD_LIST).
English ones: long sentences.
"""

from __future__ import annotations

from plugins.language.advice import advise
from plugins.magazine import signals


def register() -> None:
    signals.advise.connect(advise)
