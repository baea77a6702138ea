"""Phrases that decide what is said: change, doubt, history, denial, and where a clause ends.

A phrase is a regular expression over a normalised sentence (see `lexicon.normalise`). Phrases are set apart
by two spaces or a new line, "(...)" is a group that is not captured, and <NAME> stands for a class of words.
"""

from __future__ import annotations

#: Concepts with their phrases, in the order in which they are tried.
CUES: dict[str, str] = {
    # Not about today's finding at all.
    "decoy": """
        in comparison (to|with)  not only  heart borders?  nothing to add( to)?  to the extent
        <VIEW>
        (left|right) side (down|up)  (left|right) lung(?= (is|are) (\\w+ )?compress)
        (near )?(total|complete) re ?expansion  (bi)?bas(al|ilar) (changes|shadowing)
        (left|right) (main(stem)? )?bronch\\w+
        (left|right) (arm|shoulder|hand|leg|clavicle|scapula|breast|upper extremity)
        (head|chin|face|patient)( is| was)?( slightly| somewhat)? (rotated|turned|tilted|leaning) <DIRECTION>
        (rotat(ed|ion)|turned|tilted|leaning) <DIRECTION>
        all right(?= (apart|except|otherwise|but|now|again|[.,;]))
        (pushed|pulled|drawn|bowed)( slightly| over)?( <DIRECTION>| (left|right)(?! sided))
        pneumothorax (protocol|series|kit|catheter|tray|set|stud(y|ies)|views?|precautions|risk)
        pseudo ?pneumo ?thora\\w+
        pneumothorax (pathway|guidelines?|surgery|clinic|detection)
        (risks?|symptoms?) (of|for|including|such as)( an?| the)? pneumothorax
        (?<!no )(?<!immediate )(?<!any )(?<!other )complications? (of|including|such as)( an?)? pneumothorax
        (left|right) (anterior )?(heart(?! border)|ventric\\w+|atri\\w+)
    """,
    # Change, which presupposes the finding.
    "partly resolved": """
        <NEARLY>( (complete(ly)?|total(ly)?|fully|entirely))?( been)?( interval)? <CLEARED>( of)?
        (<AUXILIARY> )?(now )?<CLEARED>( only)? (partially|partly|incompletely|largely|mostly|somewhat|half)
        (<AUXILIARY> )?(now )?<CLEARED>( only)? (in part|by (about |over )?(half|two|three|\\d)|to (a|some))
        resolving  (barely|hardly|scarcely|just)( \\w+)? (visible|perceptible|seen|discernible)( any ?more)?
    """,
    "unresolved": """
        ((has|have|is|are) )?not (yet )?((completely|fully|entirely) )?(<CLEARED>|abolished)
        unresolved  non resolving  (without|no) resolution( of)?
    """,
    "new": """
        ((was|were|is) )?not (been )?(<SURELY> )?<SEEN>( on| in| at)?( the)? <PRIOR>( <STUDY>)?
        ((was|were|is) )?not (been )?(<SURELY> )?<SEEN> (previously|before|earlier)
        not (on|in) (the |any )?<PRIOR>( <STUDY>)?  ((was|were|is) )?not (previously|formerly)( <SEEN>)?
        absent (on|in|from) the <PRIOR>  absent (before|previously|yesterday|earlier)
        ((was|were) )?<MISSED> (on|in|at|from) (the )?<PRIOR>( <STUDY>| reports?)*
        return of
        new(ly)?  ((has|have|had) )?(now |newly )?developed  (interval )?development of  developing
        interval appearance( of)?  recurrent  recurrence( of)?  recurred  re ?accumulat\\w+( of)?
    """,
    "stable": """
        (no|nil|without|not|isnt|arent)( any)?( <DEGREE>){0,3} <GROWTH>( in)?( the)?( size)?( of| to| from)?
        not (been )?(<ADVERB> )?<CHANGED>( in size)?  no better( [,&])?( and| or)? no worse  know change
        (consistent with|as) (prior|previous(ly)?)(?! (<SEEN>|study|film))
        (no|neither) (<DEGREE> )?(larger|smaller|bigger|enlarging|worsening|increasing|increased)
        (<CANNOT>|do not|dont) <SEE> (any|an?)?( <DEGREE>){0,2} <GROWTH>( in| of)?( the)?( size)?( of)?
        (lack|absence|failure) of( any)?( <DEGREE>){0,2} <GROWTH>( in| of)?( the)?( size)?( of)?
        unchanged  unch  (relatively )?stable  similar( in size)?  (grossly )?the same  constant  as before
        as (<SEEN> )?(on|in) (the )?<PRIOR>
        (also )?<SEEN> (on|in) (the )?<PRIOR>( <STUDY>)? (also|too|as well)
    """,
    "resolved": """
        ((can|could) )?no longer( be)? (<ADVERB> )?(<SEEN>|made out|persists?|exists?)
        no longer an?y?(?! (large|small|moderate|tension))
        (has |have |had )?(now |since |completely |fully |subsequently |entirely |essentially )*resolved
        (has |have )(now |since |completely )*(disappeared|cleared)
        (interval |complete )*resolution( of)?  disappearance of  clearance of  evacuat(ed|ion of)  gone
        nothing (is left|remains)  not <SEEN> any ?more  resd
        no more( <SEEN>)?(?= (<SEEN>|(\\w+ )?(pneumo|ptx)|[.,;]|$))
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
        not (<ADVERB> )?(assessable|evaluable)  <CANNOT>( be)? (commented (up)?on|judged|diagnosed|addressed)
    """,
    "cannot assess": """
        <CANNOT>( <ADVERB>)? (assess|evaluate|determine|comment)( for| of| on)?( the)?( presence of)?
        <LIMITS>( the| our)?( \\w+)? (evaluation|assessment|sensitivity|detection)( for| of)?
        <LIMITS>( the| our)?( \\w+)? (exclusion|visuali[sz]ation)( of)?
        <LIMITS> (for|to)(?! (an?|about|half|one|two|three|roughly|nearly|\\d+)\\b)
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
        (?<!may )(?<!might )(?<!could )(is|was|are|were|represents?|reflects?)( <MERELY>)?( an?| the)? <ALIKE>
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
        (<PRIOR>(ly)?|was|were|from|measured|formerly|previously)(?= (\\w+ ){0,2}?\\d)
        (from|formerly|previously)(?= (an? )?<SIZE>)
    """,
    "affirmed": """
        (there (is|can be) )?(no|without|beyond|little)( (any|a|reasonable))? doubt( about| of| that)?( the)?
        (without|beyond) question  no question (about|that)
        none (under|with|of (which|them|these))
        no longer (so |as |an? )?(large|small|moderate|under tension|tension)
        (not|never|hasnt|incompletely|partially|partly)( (yet|fully|completely|been))* (re ?)?expanded
        not( (yet|fully|completely|quite|entirely|come|all the way))* up(?= ?[:;,.])
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
        (previous|(?<!day )(?<!days )prior|earlier)(ly)?( <SEEN>)?  former(ly)?  (?<!year )old
        remote(?! from)
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
        none(?! (under|with|of)\\b)  absent<NOT MARKINGS>  nad  negative(?! for)  nil(?! \\w)
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
