"""The phrase tables that reports are written from; the notation is that of `report.grammar`.

A rule has phrases for both phrasings, for training only and for validation only. Sentences and report frames
are never shared: a report in the validation phrasing has no sentence template in common with one in the
training phrasing.
"""

from ptx_followup.report.phrases import absence, frames, other, presence, words

RULES = {**words.RULES, **presence.RULES, **absence.RULES, **other.RULES, **frames.RULES}
