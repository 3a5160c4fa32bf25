"""The forms of answers (`xbench.answers`), by the name that what reads tasks and data knows them by."""

from xbench.answers import GoldAnswers, gold_answers, list_text, text_list

__all__ = ["GoldAnswers", "gold_answers", "list_text", "text_list"]
