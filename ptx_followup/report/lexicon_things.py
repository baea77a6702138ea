"""Phrases that name the pneumothorax and its neighbours, and what is said of them; see `lexicon_cues`."""

from __future__ import annotations

#: Concepts with their phrases, in the order in which they are tried.
THINGS: dict[str, str] = {
    # The finding itself.
    "fluid level": """
        (hydro|ha?emo|ha?emato|pyo|sero)[ /]?pneumo ?(thora(x(es)?|ces|cies|c))?
        pneumo ?(hydro|ha?emo|pyo) ?thora(x(es)?|ces)
    """,
    "pneumothorax": """
        pneumo ?thora(x(es|s)?|ces|cies|sis)  ptxs?  pntx  pnx  pneumos?
        free air(?= (with)?in the (\\w+ )?pleur)  extrapulmonary air
        (?<=subpulmonic )air( collections?)?  (?<=apicolateral )air( collections?)?
        (?<=apical )air(?! (space|fluid|way|bronch|trap|leak))
        (?<=residual )air(?! (space|fluid|way|bronch|trap|leak))
        (intra)?pleural (based )?(air|gas)( fluid)?( collections?| levels?)*
        (air|gas)( fluid)?( collections?| levels?)*(?= (\\w+ ){0,5}(with)?in <PLEURAL SPACE>)
        (air|gas)( fluid)?( collections?| levels?)*(?= (\\w+ ){0,3}(with)?in the (\\w+ )?pleur)
    """,
    "level": "air fluid levels?",
    "air": "(rim|sliver|cap|crescent|streak) of (pleural )?(air|gas)  (air|gas) (collections?|pockets?) "
    " (collections?|pockets?) of (air|gas)",
    # What stands for it where it has been named: "on the left a small one", "a sliver remains".
    "anaphor": """
        another(?= (on|in|at))
        ones?(?! of (?!\\d))(?! <COUNTED>\\b)
        (?<!calcified )(sliver|rim|crescent|remnant|pocket|cap|residue|residuum|remainder)s?<OF AIR>
        (?<!\\ball )(component|portion|part|amount|bit|streak)s?<OF AIR>
        residual(?= (is|at|in|on|along|over|remain|persist|seen|measur|and|[,;.:])|$)
        traces?(?= (is|at|in|on|remains?|persists?|seen|and|of (air|gas)|[,;.])|$)
        what (remains|is left|persists)  (its|the) (left |right )?counterpart
        it(?= (is|was|has|measures|remains|persists) (\\w+ ){0,4}(on|in) the (left|right))
        (?<=left )it(?= (is|was|measures|has))  (?<=right )it(?= (is|was|measures|has))
    """,
    # Of what belongs to it: "the lower edge of the pneumothorax is not seen".
    "aspect": """
        (edge|margin|border|limit|extent|size|outline|boundar(y|ies)|volume|width)s?( (of|for)| to explain)
        (depth|cause|source|origin|reason|dimension|severity|course|explanation)s?( (of|for)| to explain)
    """,
    # Its neighbours.
    "tube": """
        chest tubes?  thoracostomy( tubes?)?
        ((pleural|chest|intercostal|thoracic) )?pigtails?( catheters?)?
        (pleural|chest|intercostal|thoracic) (drain(s|age)?|catheters?)( catheters?| tubes?)?
        thoracic vents?  heimlich valve  icc  icd in situ
    """,
    "shift": """
        (<ACROSS> )?(<MIDLINE> )*<SHIFTED>( of the (\\w+ )?<MIDLINE>( structures)?)?( <DIRECTION>)?
    """,
    "tension": "tension( physiology| component| features)?  under tension",
    "collapse": """
        (lung )?collapsed?  hyper ?lucen(t|cy)  (visceral )?pleural (line|edge|reflection)
        lung edge
        (absen(t|ce)|lack|paucity)( of)?( peripheral)?( lung| vascular| pulmonary) markings
        (white |pleural )?lines?(?= (projected )?(at|over|along|near) (the )?(left |right )?(lung )?apex)
        (thin|faint|fine|curvilinear|sharp)( \\w+)? lines?
        lucency without( peripheral)? (lung|vascular|pulmonary) markings  deep sulcus( sign)?
    """,
    "other": """
        effusions?  (pleural )?fluid  consolidations?  opacit(y|ies)  opacifications?  infiltrates?
        atelecta\\w+  blunting  remainder  rest of the  o?edema  congestion  air ?space  disease
        process  fractures?  nodules?
        mass(es)?
        lesions?  cardiomegaly  pneumonia\\w*  pneumonitis  pneumomediastinum  pneumoperitoneum
        pneumopericardium  emphysema  thickening  catheters?  picc  lines?  port  pacemaker  leads?  wires?
        tubes?  ett  hardware  scarring  fibrosis  bullae?  blebs?  skin folds?  lucency  lucencies
        contusions?  ha?emorrhages?  ha?ematomas?  ha?emothora\\w*  hydrothora\\w*  granulomas?  volume loss
        hyper(inflation|expansion|inflated|expanded)  hilum  hila  heart  cardiac
        silhouette  mediastin\\w+  diaphragms?  hemidiaphragms?  vasculature  markings  bones?  osseous
        ribs?( fractures?)?  spine  aorta  abnormalit\\w+  adenopathy  lymphadenopathy  lymph nodes?
        calcifications?  cyst  empyema  abscess  chylothorax  air trapping  hernia  trachea  drain\\w*
        removal
        placement  biopsy  thoracentesis  insertion  surgery  procedure  resection  lobectomy  pneumonectomy
        bronchoscopy  thoracotomy  free air  soft tissues?  sternotomy  clavicles?  stents?  clips?
        hernias?  artifacts?  foreign bod\\w+  metasta\\w+  cancer  tumou?r
        its( \\w+){0,2} (edge|margin|border|limit|extent|size|outline|cause|width|depth)s?
    """,
    # What is said of a finding.
    "site": "lungs?  hemi ?thora(x|ces)  thorax  chest  pleural spaces?  sides?  cavity  hemichest",
    "normal": """
        expanded(?= (left|right))  clear  normal(ly)?  unremarkable  (well|fully|re) ?expanded
        well aerated  intact  midline
        within normal limits
    """,
    "unequal": """
        (right|left)( side)?( is)?( slightly| somewhat| much)? ?(>|<|<UNEQUAL> than) ?(the )?(right|left)
    """,
    "side": """
        left(ward)?  right(ward)?  lt  rt  dext(er|ral?)  sinist(er|ral?)  bilat(eral(ly)?)?  either
        both(?= (the )?(sides?|lungs?|hemi|apic|apex|bas|pleur|chest|pneumo|ptx|upper|lower|small|right))
        both(?= ?[.,;)]|$)  bil
        each(?! (of the|film|day|study|occasion))( side| lung)?  lul  lll  rul
        rml  rll  lingular?
        [lr](?! (\\d{1,2}(?![\\d.°]| ?[cm]m)|spine))
        biapical  bibasal  bibasilar
    """,
    "zone": """
        apico ?lat(eral\\w*)?  (latero|antero|ventro|postero) ?bas(al|ilar)(ly)?  baso ?lateral(ly)?
        apic(al|es)(ly)?  apex  supero ?lateral  basi ?lateral  infero ?lateral
        antero ?lateral  antero ?medial  laterall?y?  bas(al|e|es|ilar)(ly)?  costophrenic
        (sub|infra) ?pulmon(ic|ary)  anterior(ly)?  medial(ly)?  paramediastinal  circumferential(ly)?
        (ant|ap|lat|subpulm)(?= (and |& )?(\\w+ )?(l|r|left|right|ptx|pneumo\\w*|rim)\\b)
        surrounding(?! the lung)  (upper|lower)( (lobe|lung|zone|hemithorax|chest|third))?
    """,
    "measure": """
        <NUMBER>( ?(-|to|x) ?<NUMBER>)? ?<UNIT>(?![a-z])
        <NUMBER>( ?(-|to|x) ?<NUMBER>)? ?in(?= (at|in|from|apical|right|left|pneumothorax|ptx|deep))
    """,
    "degree": """
        (slight|mild|minimal|moderate|significant|marked)(ly)?(?= (interval )?<CHANGING>)
        (a )?(little|bit|touch|shade)(?= (interval )?<CHANGING>)
    """,
    "size": """
        sm(?= (r|l|right|left|rt|lt|apical|ptx|pneumo))  lg(?= (r|l|right|left|rt|lt|apical|ptx|pneumo))
        mod(?= (r|l|right|left|rt|lt|apical|ptx|pneumo|size|[.,;])|$)
        (tiny|small|moderate|mild) (to|-) (small|moderate|large|severe)  very (small|tiny|large)  tiny
        trace  shallow
        minimal(ly)?  minute  min[ui]scule  sliver  small  mild(ly)?  slight(ly)?  little
        moderate(ly)?( large)?  medium  large  big  extensive  massive  size?able  complete
        (?<!in )total  huge
        severe  subtle  significant(ly)?
    """,
    "hedge": """
        additional  other  further  second  definit(e|ive)  convincing  obvious  gross  overt  frank
        clear cut  discrete  unequivocal
        conclusive
        certain
    """,
    "larger": """
        (increas(ed|ing|e|es)|enlarg(ed|ing|ement)|larger|bigger|greater|expanding|grown|growing)( in size)?
        wors(e|ened|ening)  progress(ed|ing|ion|ive)  more prominent
    """,
    "smaller": """
        (decreas(ed|ing|e|es)|smaller|reduc(ed|ing|tion)|diminish(ed|ing)|shrunk(en)?|shrinking)( in size)?
        improv(ed|ing|ement|es)  less(ened|ening)?  regress(ed|ion)  decompress(ed|ion)
    """,
    "persistent": "persist(s|ent|ing|ed|ently|ence of)?  ongoing  continu(ed|es|ing)",
    "remaining": """
        (?<=amount )left  (?<=trace )left  (?<=rim )left  (?<=sliver )left  (?<=little )left
        again  (is|are|was) left(?= (at|in|over|behind|[.;,])|$)  (?<=pneumothorax )left(?= at the)
        re ?demonstrat(ed|ion)  remain(s|ing)?  still  residual  known
    """,
    "seen": """
        present  positive  yes  now  today  seen  noted  identified  visuali[sz]ed  demonstrated  evident
        visible  apparent  detected  shows?  demonstrates?  reveals?
    """,
    # The grammar around them.
    "verb": """
        is  are  was  were  has  have  had  measur(es|ing|ed)  appears?  extends?  occup(ies|ying)  lies
    """,
    "article": "an?  the  this  these  it",
    "preposition": """
        in  at  on  of  within  along  over  to  involving  near  above  around  throughout  from  for
        after  post(?! (procedur|operativ|op\\b))
        following
    """,
}
