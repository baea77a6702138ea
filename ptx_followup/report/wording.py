"""Pieces of expressions over a normalised sentence that the tables of rewordings share.

Each is one group that captures nothing: the names of the finding, words of seeing and of writing, days.
"""

from __future__ import annotations

#: The finding, by any of its names.
NAME = r"(?:(?:hydro|ha?emo|pyo)?pneumo ?thora(?:x|ces)|ptxs?|pnx|pleural (?:air|gas))"
#: What is done to a finding by looking.
SEEN = (
    r"(?:seen|noted|identified|visible|visuali[sz]ed|demonstrated|demonstrable|present|appreciated"
    r"|detected|detectable|evident|apparent|shown|found|observed|perceived|perceptible|discernible"
    r"|recogni[sz]ed|made out|picked up)"
)
#: And by writing.
WRITTEN = (
    r"(?:described|mentioned|reported|documented|called|recorded|commented on|included|noted|raised|flagged)"
)
#: Up to five words.
FEW = r"(?:\w+ ){0,5}"
WEEKDAY = r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day)"
MONTH = (
    r"(?:(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b)"
)
#: A day, as written.
DATE = (
    rf"(?:\d{{1,2}} {MONTH}|{MONTH} \d{{1,2}}|\d{{1,4}} ?[/.-] ?\d{{1,2}}(?: ?[/.-] ?\d{{1,4}})?|{WEEKDAY}"
    r"(?:'?s)?)"
)
