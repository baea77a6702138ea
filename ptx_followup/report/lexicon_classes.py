"""Classes of words that the phrases of the lexicon are made of; see `lexicon_cues`."""

from __future__ import annotations

#: Classes of words; a class may use the classes before it.
CLASSES: dict[str, str] = {
    "SEEN": """
        seen  identified  noted  visuali[sz]ed  visible  demonstrated  detected  appreciated  evident
        apparent  present  found  observed  shown  recogni[sz]ed  perceptible  perceived  discerned
        discernible  demonstrable  detectable  measurable  delinea(ted|ble)  confirmed  described
        reported  documented  mentioned  suspected  included  there  clear
    """,
    "ADVERB": """
        definitely  clearly  confidently  well  readily  convincingly  significantly  substantially
        appreciably  currently  now  any  obviously  grossly  entirely  completely  fully  reliably
        adequately  totally  absolutely  radiographically  definitively  really  yet  otherwise
        previously  much  greatly  markedly  notably  overtly  considerably  visibly
        accurately  with certainty
    """,
    "DEGREE": """
        significant  interval  appreciable  substantial  definite  further  large  gross  great  detectable
        visible  apparent  major  material  convincing  marked  notable  obvious  radiographic  overall
        real  meaningful  discernible  clear  evidence (of|for)  acute  short  term  suspicious  considerable
        dramatic  relevant  important  much
    """,
    "PRIOR": """
        prior  previous  earlier  (?<!year )old  comparison  last  preceding  yesterdays?  outside  initial
        most recent
    """,
    "STUDY": """
        stud(y|ies)  exam(ination)?s?  films?  radiographs?  x rays?  xrays?  cxr  chest  ct  images?
        imaging  priors?  scans?  day  night  comparisons?
    """,
    "CANNOT": """
        cannot  can not  cant  could not  couldnt  may not  not  unable to  not possible to  impossible to
        difficult to  hard to
    """,
    "SURELY": """
        definitely  clearly  confidently  well  readily  convincingly  reliably  definitively  unequivocally
    """,
    "AUXILIARY": "is  are  was  were  has  have  be  can  could  does  do",
    "NEARLY": """
        near(ly)?  almost  partial(ly)?  partly  incomplete(ly)?  nearing  subtotal(ly)?  mostly  largely
        all but
        virtually  practically  not quite  near total  not completely  not fully  not entirely
    """,
    "CLEARED": """
        resolution  resolved  cleared  clearance  gone  evacuat(ed|ion)  re ?absorbed  re ?sor(bed|ption)
        disappeared  disappearance
    """,
    "GROWTH": """
        changes?  clearing  alteration  deterioration  incr  decr
        increase  enlargement  progression  worsening  growth  difference  expansion  decrease
        improvement  reduction
    """,
    "CHANGED": """
        changed  increased  enlarged  larger  worse  worsened  different  decreased  improved  progressed
        smaller  grown
    """,
    "CHANGING": """
        (larger|smaller|bigger|greater|more|increas|decreas|enlarg|improv|wors|reduc|progress|chang|diminish|less)\\w*
    """,
    "LIMITS": """
        limit(s|ed|ing)?  suboptimal  inadequate  insufficient  poor  low  reduc(es|ed|ing)
        decreas(es|ed|ing)  non ?diagnostic  insensitive  preclud(es|ing)  hinder(s|ing)?  degrad(es|ing)
        compromis(es|ing)
    """,
    "LOOK": """
        rul(e|ing) out  exclude  evaluat(e|ion|ing)  assess(ment|ing)?  check(ing)?  look(ing)?
        monitor(ing)?  screen(ing)?  watch(ing)?  eval  re ?assess  re ?evaluate  surveillance
        sensitivity  detection
    """,
    "VIEW": """
        ((left|right|l|r) )?(lateral )?decubitus( (views?|films?|images?|radiographs?|position|projection))?
        (left|right) (anterior|posterior) obliques?( (views?|films?|projections?|images?|radiographs?))?
        (lao|rao|lpo|rpo)( (views?|films?|projections?))?  (cross ?table|horizontal beam) lateral
        (pa|ap|frontal) (and|&|/) ((left|right) )?lateral
        ((left|right) )?lateral (views?|films?|radiographs?|projections?|images?|examinations?|x ?rays?)
        ((left|right) )?lateral chest (films?|radiographs?|x ?rays?|views?)
    """,
    # After a word such as "rim": of a pneumothorax, or of nothing else.
    "OF AIR": "(?! of (?!(air|gas|it)\\b)| \\w*thora)( of (air|gas|it))?",
    # Lung markings that are missing show a pneumothorax.
    "NOT MARKINGS": "(?! (\\w+ ){0,2}(markings|vessels|vasculature))",
    "PLEURAL SPACE": "(the )?(\\w+ ){0,2}pleural (space|cavity)",
    # After "one": it counts something else.
    "COUNTED": "or  views?  day  week  month  year  hour  two  third  half  image  film  lung  side  more",
    "MISSED": "missed  overlooked  not (reported|mentioned|described)",
    "MERELY": "only  merely  just  actually  in fact  simply  now",
    "SEE": "see  find  identify  detect  appreciate  make out  visuali[sz]e  discern  demonstrate  show",
    "PROVED": """
        (proved|proven|turned out|turns out|shown|found|known|confirmed) to (be|represent)
        (seen|considered|thought|felt|believed) to (be|represent)
        (proved|proven) (an?|to)
    """,
    "ALIKE": """
        skin ?folds?  (overlying )?folds? of skin  skin  artifacts?  artefacts?  bullae?  blebs?  clothing
        bedding
        bandages?  dressings?  sheets?  tubing  hair  scapula(r edge)?  scapular (border|edge|margin)
        rib (edge|border)s?
        companion shadow  mach bands?  fat  overlying (lines?|tubing|artifact)
    """,
    "MIDLINE": "(cardio)?mediastin(al|um)  tracheal?  heart  midline",
    "ACROSS": "right to left  left to right  leftward  rightward  contralateral",
    "DIRECTION": "to(ward|wards)? the (left|right)",
    "SHIFTED": "shift(ed|ing)?  deviat(ion|ed)  displac(ed|ement)",
    "UNEQUAL": "greater  larger  more  bigger  worse  smaller",
    "SIZE": "tiny  trace  minimal  small  mild  moderate  medium  large  massive  big",
    # After "compared to yesterday": "morning", and no word of a finding.
    "WORD": "( (?!right|left|(no|constant|stable|small|tiny|large|moderate|new|there|the|an?)\\b)\\w+)?",
    "NUMBER": "\\d{1,4}(\\.\\d{1,3})?",
    "UNIT": "cms?  centimet(er|re)s?  mms?  millimet(er|re)s?  inch(es)?  %  percent  per cent",
}
