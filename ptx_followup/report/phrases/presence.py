"""Sentences that state a pneumothorax.

Slots, empty where the report leaves the point out: `size`, `side` (an adjective, "right-sided"), `bare
side` ("right"), `zone` (an adjective),
`on side` ("on the right"), `at zone` ("at the apex", side given elsewhere), `where` ("at the right apex", or
"on the right" without a zone), `extent`, `change`, `hedge`. `size word` and `zone word` are the same words
where
the sentence cannot do without. Conditions, slots without text: `prior` (it was there before), `new`,
`fresh` (no
statement of change), `certain` (no hedge), `tiny`, `large`, `apical only`.
"""

from ptx_followup.report.grammar import Rule

_SENTENCES = {
    "finding": Rule(
        train=(
            "there is a {hedge} {size} {side} {zone} {pneumothorax}{extent}{change}",
            "there is a {hedge} {size} {zone} {pneumothorax} {on side}{extent}{change}",
            "there is a {hedge} {size} {pneumothorax} {where}{extent}{change}",
            "{hedge} {size} {side} {zone} {pneumothorax}{extent}{change}",
            "{hedge} {size} {side} {zone} {pneumothorax}{extent}{change}",
            "{hedge} {size} {zone} {pneumothorax} {on side}{extent}{change}",
            "{hedge} {size} {pneumothorax} {where}{extent}{change}",
            "{fresh}a {hedge} {size} {side} {zone} {pneumothorax} is <seen|noted|present|identified"
            "|visualized>",
            "{fresh}a {size} {pneumothorax} is <seen|noted|present|identified> {where}{extent}",
            "{prior}there is <persistent|residual|a persistent|a residual> {size} {side} {zone}"
            " {pneumothorax}{extent}",
            "{prior}again <seen|noted|demonstrated> is a {size} {side} {zone} {pneumothorax}{extent}{change}",
            "{prior}{size} {side} {zone} {pneumothorax} <persists|is again seen|remains>{extent}{change}",
            "{prior}[{since}]the {side} {zone} {pneumothorax} <is|remains> {size word}{change}",
            "{prior}redemonstration of a {size} {side} {zone} {pneumothorax}{extent}",
            "{new}<interval development of|there has been interval development of> a {size} {side}"
            " {zone} {pneumothorax}",
            "{new}new {size} {side} {zone} {pneumothorax}{extent}",
            "{new}{since}there is a new {size} {side} {zone} {pneumothorax}",
            "{side} {pneumothorax}, {size word}{extent}[, {zone word}]{change}",
            "{side} {zone} {pneumothorax} which is {size word}{extent}",
            "{certain}lucency without lung markings {where}, <consistent|compatible> with a {size}"
            " {pneumothorax}",
            "{certain}a <visceral pleural line|pleural line> is <visible|seen> {where}, consistent with"
            " a {size} {pneumothorax}",
            "{certain}a thin pleural line {where} <represents|indicates> a {size} {pneumothorax}{extent}",
            "{size} {side} {pneumothorax} {at zone}{extent}{change}",
            "{size} {side} {pneumothorax}, {zone word} in location{extent}{change}",
            "{on side}, there is a {size} {zone} {pneumothorax}{extent}{change}",
            "the {bare side} lung is <partially|incompletely> expanded with a {size} {side} {zone}"
            " {pneumothorax}",
            "{tiny}a sliver of {zone} {pneumothorax} is seen {on side}",
            "{large}{size} {side} {pneumothorax} with <near complete|marked|partial> collapse of the"
            " {bare side} lung{extent}",
            "following <chest tube placement|line placement|biopsy|thoracentesis>, there is a {size}"
            " {side} {zone} {pneumothorax}",
            "findings <consistent with|compatible with> {size} {side} {zone} {pneumothorax}",
            "{size} {side} {zone} {pneumothorax} without mediastinal shift{change}",
            "{side} chest tube in place with a {size} {zone} {pneumothorax} {on side}",
        ),
        validation=(
            "a {size} {zone} {pneumothorax} <can be seen|is demonstrated|is appreciated> {on"
            " side}{extent}{change}",
            "{fresh}the {bare side} hemithorax shows a {size} {zone} {pneumothorax}{extent}",
            "{size} {zone} {pneumothorax} involving the {side} hemithorax{extent}{change}",
            "evidence of a {hedge} {size} {side} {zone} {pneumothorax}{extent}{change}",
            "we see a {hedge} {size} {side} {zone} {pneumothorax}{extent}{change}",
            "{new}interval appearance of a {size} {side} {zone} {pneumothorax}{extent}",
            "{new}a {size} {side} {zone} {pneumothorax} has developed",
            "{prior}{side} {zone} {pneumothorax} is still visible[ and {size word}]{extent}{change}",
            "{prior}[{since}]{side} {zone} {pneumothorax} again identified, {size word}{change}",
            "{prior}ongoing {size} {side} {zone} {pneumothorax}{extent}{change}",
            "{certain}pleural air {where} in keeping with a {size} {pneumothorax}{extent}",
            "{certain}absent lung markings {where} in keeping with a {size} {pneumothorax}",
            "findings of a {hedge} {size} {side} {pneumothorax}, <predominantly|mainly> {zone word}{change}",
            "{side} {pneumothorax} is {size word}[ and {zone word}]{extent}",
            "the patient has a {size} {side} {zone} {pneumothorax}{extent}{change}",
            "{tiny}thin rim of {zone} {pneumothorax} {on side}{extent}",
            "{large}{size} {pneumothorax} {on side} with a collapsed {bare side} lung{extent}{change}",
            "{side} {zone} {pneumothorax} of {size word} degree{extent}{change}",
            "{size} {side} {pneumothorax} <best seen|visible> {at zone}{extent}{change}",
            "status post <procedure|surgery> with a {size} {zone} {pneumothorax} {on side}{extent}",
            "the study demonstrates {size} {side} {zone} {pneumothorax}{extent}{change}",
        ),
    ),
    "telegraphic finding": Rule(
        train=(
            "{hedge} {size} {letter} {zone} {pneumothorax}",
            "{letter} {zone} {pneumothorax}, {size word}",
            "{letter} {pneumothorax}[, {zone word}][, {size word}]",
            "{side} {zone} {pneumothorax}[ {size word}]{extent}",
            "+ {letter} {zone} {pneumothorax}{extent}",
            "{size} {pneumothorax} {letter} {at bare zone}",
        ),
        validation=(
            "{pneumothorax} {letter}[, {zone word}][, {size word}]",
            "{letter} {zone} {pneumothorax} present[ - {size word}]",
            "{pneumothorax}: {letter}, {zone word}, {size word}",
            "{size} {letter} {pneumothorax} {zone word}{extent}",
            "{letter} {pneumothorax} {size word}",
            "{size} {letter} {zone} {pneumothorax} seen",
        ),
    ),
    "answer": Rule(
        train=(
            "{size} {side} {zone}{extent}",
            "yes, {side}[, {zone word}][, {size word}]",
            "present, {side} {zone}[, {size word}]{extent}",
            "{size} {zone} {pneumothorax} {on side}",
        ),
        validation=(
            "{side}[, {size word}][, {zone word}]",
            "positive - {size} {side} {zone}",
            "seen {on side}[, {size word}]",
        ),
    ),
}

_CONTEXT = {
    "other side": Rule(
        train=(
            "no {other side} pneumothorax",
            "there is no {other side}-sided pneumothorax",
            "there is no pneumothorax on the {other side}",
            "no pneumothorax is seen on the {other side}",
            "no {other side} pneumothorax is identified",
            "the {other side} lung is fully expanded",
            "the {other side} lung is clear without pneumothorax",
        ),
        validation=(
            "no evidence of pneumothorax in the {other side} hemithorax",
            "the {other side} side shows no pneumothorax",
            "{other side} lung well expanded without pneumothorax",
            "on the {other side}, no pneumothorax",
        ),
    ),
    "no tension": Rule(
        train=(
            "no mediastinal shift",
            "there is no evidence of tension",
            "the mediastinum is midline",
            "no mediastinal shift to suggest tension",
            "the trachea is midline",
        ),
        validation=("no signs of tension", "no shift of the mediastinum", "no tension component"),
    ),
    "hedge": Rule(train=("possible", "probable", "suspected", "questionable"), validation=("likely",)),
}

_BILATERAL = {
    "alike": Rule(
        train=(
            "there are {size} bilateral {zone} {pneumothoraces}{change}",
            "bilateral {size} {zone} {pneumothoraces}{change}",
            "{size} bilateral {zone} {pneumothoraces}{change}",
            "{size} {zone} {pneumothoraces} <are seen|are present> bilaterally",
            "{size} {zone} {pneumothoraces} on both sides",
            "{size} {zone} {pneumothoraces} are noted on the right and on the left",
        ),
        validation=(
            "both hemithoraces show {size} {zone} {pneumothoraces}",
            "{size} {zone} {pneumothoraces} in both hemithoraces{change}",
            "bilateral {zone} {pneumothoraces}, {size word}{change}",
            "{size} right and left {zone} {pneumothoraces}{change}",
        ),
    ),
    "unlike": Rule(
        train=(
            "bilateral {pneumothoraces}, {right} on the right and {left} on the left",
            "there are bilateral {pneumothoraces}: {left} left and {right} right",
            "{right} right and {left} left {pneumothoraces}",
            "bilateral {pneumothoraces} are present, {left} on the left and {right} on the right",
        ),
        validation=(
            "{pneumothoraces} on both sides, {left} on the left, {right} on the right",
            "{left} left-sided and {right} right-sided {pneumothoraces}",
        ),
    ),
}

RULES = {**_SENTENCES, **_CONTEXT, **_BILATERAL}
