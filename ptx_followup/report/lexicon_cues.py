"""Phrases that decide what is said: change, doubt, history, denial, and where a clause ends.

A phrase is a regular expression over a normalised sentence (see `lexicon.normalise`). Phrases are set apart
by two spaces or a new line, "(...)" is a group that is not captured, and <NAME> stands for a class of words.
"""

from __future__ import annotations

#: Classes of words; a class may use the classes before it.
CLASSES: dict[str, str] = {
    "SEEN": """
        seen  identified  noted  visuali[sz]ed  visible  demonstrated  detected  appreciated  evident
        apparent  present  found  observed  shown  recogni[sz]ed  perceptible  perceived  discerned
        discernible  demonstrable  detectable  measurable  delineated  confirmed  described
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
        real  discernible  clear  evidence (of|for)  acute  short  term  suspicious  considerable  dramatic
        relevant  important  much
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
    "NOT MARKINGS": "(?! (\\w+ ){0,2}markings)",
    "PLEURAL SPACE": "(the )?(\\w+ ){0,2}pleural (space|cavity)",
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
    "WORD": "( (?!right|left|no\\b)\\w+)?",
    "NUMBER": "\\d{1,4}(\\.\\d{1,3})?",
    "UNIT": "cms?  centimet(er|re)s?  mms?  millimet(er|re)s?  inch(es)?  %  percent  per cent",
}

#: Concepts with their phrases, in the order in which they are tried.
CUES: dict[str, str] = {
    # Not about today's finding at all.
    "decoy": """
        not only  heart borders?  nothing to add( to)?  to the extent
        <VIEW>
        (left|right) side (down|up)  (left|right) lung(?= (is|are) (\\w+ )?compress)
        (near )?(total|complete) re ?expansion  (bi)?bas(al|ilar) (changes|shadowing)
        (left|right) (main(stem)? )?bronch\\w+
        (left|right) (arm|shoulder|hand|leg|clavicle|scapula|breast|upper extremity)
        (head|chin|face|patient)( is| was)?( slightly| somewhat)? (rotated|turned|tilted|leaning) <DIRECTION>
        (rotat(ed|ion)|turned|tilted|leaning) <DIRECTION>
        pneumothorax (protocol|series|kit|catheter|tray|set|stud(y|ies)|views?|precautions|risk)
        pneumothorax (pathway|guidelines?|surgery|clinic|detection)
        (risks?|symptoms?) (of|for|including|such as)( an?| the)? pneumothorax
        (?<!no )(?<!immediate )(?<!any )(?<!other )complications? (of|including|such as)( an?)? pneumothorax
        (left|right) (anterior )?(heart(?! border)|ventric\\w+|atri\\w+)
    """,
    # Change, which presupposes the finding.
    "partly resolved": """
        <NEARLY>( (complete(ly)?|total(ly)?|fully|entirely))?( been)?( interval)? <CLEARED>( of)?
        resolving  (barely|hardly|scarcely|just)( \\w+)? (visible|perceptible|seen|discernible)( any ?more)?
    """,
    "unresolved": """
        ((has|have|is|are) )?not (yet )?(completely |fully |entirely )?(resolved|gone|cleared|disappeared)
        unresolved  non resolving  (without|no) resolution( of)?
    """,
    "new": """
        ((was|were|is) )?not (been )?(<SURELY> )?<SEEN>( on| in| at)?( the)? <PRIOR>( <STUDY>)?
        ((was|were|is) )?not (been )?(<SURELY> )?<SEEN> (previously|before|earlier)
        ((was|were|is) )?not (previously|formerly)( <SEEN>)?
        absent (on|in|from) the <PRIOR>  absent (before|previously|yesterday|earlier)
        ((was|were) )?<MISSED> (on|in|at|from) (the )?<PRIOR>( <STUDY>| reports?)*
        new(ly)?  ((has|have|had) )?(now |newly )?developed  (interval )?development of  developing
        interval appearance( of)?  recurrent  recurrence( of)?  recurred  re ?accumulat\\w+( of)?
    """,
    "stable": """
        (no|nil|without|not|isnt|arent)( any)?( <DEGREE>){0,3} <GROWTH>( in)?( the)?( size)?( of| to| from)?
        not (been )?(<ADVERB> )?<CHANGED>( in size)?
        (no|neither) (<DEGREE> )?(larger|smaller|bigger|enlarging|worsening|increasing|increased)
        (<CANNOT>|do not|dont) <SEE> (any|an?)?( <DEGREE>){0,2} <GROWTH>( in| of)?( the)?( size)?( of)?
        (lack|absence|failure) of( any)?( <DEGREE>){0,2} <GROWTH>( in| of)?( the)?( size)?( of)?
        unchanged  unch  (relatively )?stable  similar( in size)?  (grossly )?the same  constant  as before
        as (<SEEN> )?(on|in) (the )?<PRIOR>
    """,
    "resolved": """
        ((can|could) )?no longer( be)? (<ADVERB> )?(<SEEN>|made out|persists?|exists?)
        no longer an?y?(?! (large|small|moderate|tension))
        (has |have |had )?(now |since |completely |fully |subsequently |entirely |essentially )*resolved
        (has |have )(now |since |completely )*(disappeared|cleared)
        (interval |complete )*resolution( of)?  disappearance of  clearance of  evacuat(ed|ion of)  gone
        not <SEEN> any ?more  no more( <SEEN>)?(?= (<SEEN>|(\\w+ )?(pneumo|ptx)|[.,;]|$))  resd
    """,
    # Doubt, and the limits of the examination.
    "cannot exclude": """
        <CANNOT>( \\w+){0,2}? (exclude|rule out|excluding)  without excluding
    """,
    "not excluded": """
        <CANNOT>( be)?( (<ADVERB>|be|been|yet)){0,3} (excluded|ruled out)
        (is|remains) not excluded  incompletely excluded  difficult to exclude
        remains (a )?(possib\\w+|consideration|concern)
    """,
    "unassessable": """
        <CANNOT>( be)?( <ADVERB>)?( be)?( <ADVERB>)? (assessed|evaluated|determined|ascertained|interpreted)
        (could|may|might|can|would)( \\w+)? be (missed|overlooked|obscured|hidden|occult|masked|inapparent)
        (could|may|might|can) (escape|evade)( \\w+)?  (could|may|might|can) go (unnoticed|undetected|unseen)
        not (<ADVERB> )?(assessable|evaluable)
    """,
    "cannot assess": """
        <CANNOT>( <ADVERB>)? (assess|evaluate|determine|comment)( for| of| on)?( the)?( presence of)?
        <LIMITS>( the| our)?( \\w+)? (evaluation|assessment|sensitivity|detection)( for| of)?
        <LIMITS>( the| our)?( \\w+)? (exclusion|visuali[sz]ation)( of)?  <LIMITS> (for|to)(?! an?\\b)
        not (sensitive|diagnostic) (for|to)
    """,
    "limited": """
        (is|are|was|being) (\\w+ )?(limited|suboptimal|inadequate|nondiagnostic)(?! (to|for)\\b)
        (is|are|was|being) (\\w+ )?(hampered|degraded|reduced|compromised|precluded)(?! (to|for)\\b)
    """,
    "unlikely": """
        what (appears|appeared) to be  (is |are )?artifactual
        rather than  as opposed to  instead of  not( to)?( be)? (confused|mistaken)( with| for)?
        mimic\\w*  simulat\\w+  not (due to|represent\\w*|a true)
        (is |are )?(thought |felt |considered )?(to be )?(less likely|unlikely)( to (be|represent|reflect))?
        (is |are )?(thought |felt |considered )?(to be )?(doubtful|not likely|not favou?red)
    """,
    "look alike": """
        <PROVED>( <MERELY>)?( an?| the| due to| caused by| explained by)* <ALIKE>
        (is|was|are|were)( <MERELY>)? (explained|accounted for|caused) by( an?| the)? <ALIKE>
        (is|was|are|were|represents?|reflects?)( <MERELY>)?( an?| the)? <ALIKE>
    """,
    "likely none": """
        (likely|probably|possibly|presumably) (no|without)  doubt( of)?( any)?
    """,
    "query": """
        <LOOK>( for| of)( any| an?| the)?  rule out  ro  exclude  excluding  evaluate  assess  eval
        (clinical(ly)?|if) concern(ed)? (for|about)  <LOOK>? ?correlat\\w+( \\w+)? (for|to exclude)
        <LOOK>? ?correlat\\w+( \\w+)? with(?! (the )?(ct|film|radiograph)\\b)
        if (there (is|are) )?((any|clinical|persistent) )*(concern|suspicion)( for| of| about)?
        if(?! (any|present|at all)\\b)
        (?<!only )(is|are) there (an?|any)  to look for  in search of  (to|for) exclusion of
        in case of  symptoms of
        should (a|an|the)  (should|must|needs? to|to) be (excluded|ruled out)
    """,
    "uncertain": """
        possib(le|ly|ility)( of)?  probabl[ey]  likely  suspected  suspicious (for|of)  suspicion( for| of)?
        suggest(s|ed|ing|ive|ion)?( of)?( an?)?  question(able|ed)?( of)?  equivocal  concerning( for)?
        worrisome( for)?  may  might  could  perhaps  presumed  versus  vs  indeterminate  cannot be certain
        differential  potential(ly)?  conceivably  borderline  query  if (any|present|at all)
        rais(es?|ed|ing)( (the|a|some))?( \\w+)? (concern|possibility|question|suspicion)( for| of| about)?
        raises?( the)?  concern(ed|s)?( for| about| of)?  wonder about  \\?
    """,
    "supports": """
        (consistent|compatible|in keeping|associated|coexist\\w+|together|along) ?(with)?
        to (suggest|indicate)( an?)?  diagnostic of  indicat(es|ing|ive of)  represent(s|ing)
    """,
    # History.
    "formerly": """
        (<PRIOR>ly|was|were|from|measured|formerly|previously)(?= (\\w+ ){0,2}?\\d)
        (from|formerly|previously)(?= (an? )?<SIZE>)
    """,
    "affirmed": """
        (there (is|can be) )?(no|without|beyond|little)( (any|a|reasonable))? doubt( about| of| that)?( the)?
        (without|beyond) question  no question (about|that)
        none (under|with|of (which|them|these))
        no longer (so |as |an? )?(large|small|moderate|under tension|tension)
        (not|never|hasnt|incompletely|partially|partly)( (yet|fully|completely|been))* (re ?)?expanded
        not (within|in(?! evidence)|inside|through|reach(ing)?|drain(ing)?|into)
    """,
    "history": """
        (known )?(history|hx)( of)?  status post  follow ?up( of| for)?
        (on |in |at )?(the )?<PRIOR>( \\w+){0,3}? (showed|demonstrated|revealed|had|there (was|were))
        previously there (was|were)  there (was|were) (previously|formerly)  had been
        (previously|formerly) (had|showed|demonstrated|treated)
    """,
    "study": """
        (as )?compar(ed|ing|ison)( is made)?( to| with)?( the| an?)? <PRIOR><WORD>( <STUDY>){0,2}
        (since|than|versus|from|to|with)( the| an?| his| her)? <PRIOR><WORD>( <STUDY>){0,2}
        (compar(ed|ison)|relative) (to|with) (the )?\\w+
        <PRIOR> (chest )?<STUDY>
    """,
    "previous": """
        ((<SEEN>|there) )?(on|in|at) (the )?<PRIOR>( <STUDY>){0,2}
        (previous|(?<!day )(?<!days )prior|earlier)(ly)?( <SEEN>)?  former(ly)?  (?<!year )old  remote
        (years?|months?|weeks?|days?) ago  in (19|20)\\d\\d
        (last|this past) (week|month|year)
    """,
    # Denial.
    "not clearly seen": """
        (<AUXILIARY> )*(not|cannot|cant|isnt)( be| been)? <SURELY> <SEEN>(?! on (the )?lateral)
        (<AUXILIARY> )*(not|cannot|cant)( be| been)? <SEEN> with (certainty|confidence)
    """,
    "not seen": """
        (<AUXILIARY> )*(not|cannot|cant|isnt|arent)( be| been)?( <ADVERB>){0,2} <SEEN>(?! on (the )?lateral)
        never <SEEN>  not in evidence
    """,
    "none": """
        none(?! (under|with|of)\\b)  absent  nad  negative(?! for)  nil(?! \\w)
        neg(?! (for|(any )?(pneumo|ptx|pnx)))  ruled out  (is|are|been) excluded
        excluded(?= ?[.,;]|$)
    """,
    "negation": """
        (<CANNOT>|do not|dont|did not|didnt|does not|doesnt) <SEE>
        no longer( any)? (evidence|signs?)( of)?  (it is )?not <SEEN>(?= (any |an? )?(pneumo ?thora|ptx|pnx))
        neg(?= (any )?(pneumo|ptx|pnx))
        exclusion of  know(?= (evidence|pneumo|acute|focal|effusion|signs?|definite)\\w*)
        no  noo  nil(?= \\w)  not  nothing  without  negative for  neg for  free (of|from)  clear of
        absence of<NOT MARKINGS>
        devoid of<NOT MARKINGS>  lack of<NOT MARKINGS>
        neither  nor  denies  hasnt  excludes  rules out  fails? to \\w+  never  isnt  arent
    """,
    # Where a clause or a list item ends.
    "boundary": """
        [;.!]  but(?! also)  however  although  though  except(ing)?( for)?  other than  apart from
        aside from
        besides  while  whereas  where  despite  in spite of  given  due to  because of  secondary to
        to account for
        to explain  so(?= (the|that|this)\\b)  which  that  in addition( to)?  otherwise  nevertheless  yet
        note (is )?(made )?of
        there (is|are|has been|have been|remains?|persists?|was|were|appears? to be)  theres
    """,
    "colon": ":",
    "list": "[,&/()]  and  or  but also  plus  as well as",
    "with": "with",
}
