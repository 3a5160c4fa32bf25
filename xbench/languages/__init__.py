"""Facts about languages: family, script, and share in the corpora of backbones."""

from xbench.languages.facts import CORPORA, LanguageFacts, all_facts, corpus_of, facts, shares, sources

__all__ = ["CORPORA", "LanguageFacts", "all_facts", "corpus_of", "facts", "shares", "sources"]
