"""Lists of words, written as text."""

from __future__ import annotations


def words(text: str) -> frozenset[str]:
    """The words of a text that are set apart by white space."""
    return frozenset(text.split())


#: Words that may stand between a denial and it denies, and are no concept of the lexicon.
FILLERS = words(
    "january february march april june july august september october november december"
    " monday tuesday wednesday thursday friday saturday sunday about approximately approx roughly"
    " proof presence particular specifically measurable sizable sizeable evidence sign signs indication"
    " suggestion finding findings feature"
    " features appearance"
    " appearances suspicion focal focus acute pleural pulmonary lobar segmental area areas collection"
    " radiographic radiological radiologic appreciable demonstrable detectable discernible"
    " significant parenchymal interstitial alveolar bony osseous suspicious layering pneumonic"
    " interval associated underlying complicating complication complications such as including or be"
    " been to obvious well formed occult spontaneous iatrogenic traumatic post procedural procedure"
    " postprocedural primary secondary loculated simple free visible focalized confluent patchy dense"
    " overt frank effusion infiltrative vascular venous airspace space lung active acquired chronic"
    " new recurrent recurrence development e o i either both other any what called"
    " true real genuine clear sided apparent fluid air gas overlying developing progressive ongoing"
    " immediate delayed early late ct cxr chest x ray film gross pathological pathology abnormality"
    " abnormalities suspected questioned queried possible reported described mentioned previously"
    " thought first initial line by time this present at current today on repeat imaging views view"
    " image images exam examination study we there can could will would should did do does not have"
    " has had all also again still then now right left apical basal completely fully entirely totally"
    " since yesterday interim meantime likewise similarly answered clearly ago hours days weeks week"
    " day month morning night evening earlier formerly recent recently last outside questionable"
    " shadow lines density noted sides side bilaterally anywhere whatsoever hemithorax hemithoraces"
    " lungs pneumothorax tube drain removal placement insertion following after before with in of"
    " from the a an was were its his her their our your haemo hemo hydro pyo size"
)
