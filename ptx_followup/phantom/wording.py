"""A short free-text report that is true of a phantom radiograph."""

from __future__ import annotations

from ptx_followup.phantom.patient import PhantomPneumothorax
from ptx_followup.phantom.render import PhantomRadiograph
from ptx_followup.report.terms import Size

#: Largest percentage of the hemithorax for each size word.
_SIZE_LIMITS: tuple[tuple[float, Size], ...] = ((3, "tiny"), (15, "small"), (35, "moderate"), (100, "large"))


def report(radiograph: PhantomRadiograph, prior: PhantomRadiograph | None = None) -> str:
    """A report in the usual sections, in the words of a radiologist.

    Args:
        radiograph: What is reported.
        prior: An earlier film of the same patient to compare with.
    """
    view = radiograph.pose.view
    findings = [_pneumothorax(item, prior) for item in radiograph.pneumothoraces]
    if not findings:
        findings = ["No pneumothorax."]
    elif len(findings) == 1:
        other = "left" if radiograph.pneumothoraces[0].side == "right" else "right"
        findings.append(f"No {other} pneumothorax.")
    findings += [
        "The lungs are otherwise clear.",
        "No pleural effusion.",
        "Heart size and mediastinal contour are normal.",
    ]
    findings += ["No displaced rib fracture is seen."]
    return "\n".join([
        f"EXAM: Chest radiograph, {view} view.",
        f"CLINICAL INFORMATION: {'Chest pain' if prior is None else 'Pneumothorax, follow-up'}.",
        f"COMPARISON: {'None' if prior is None else 'Prior chest radiograph'}.",
        "FINDINGS: " + " ".join(findings),
        "IMPRESSION: " + _impression(radiograph),
        "",
    ])  # fmt: skip


def _pneumothorax(item: PhantomPneumothorax, prior: PhantomRadiograph | None) -> str:
    before = [old.percent for old in prior.pneumothoraces if old.side == item.side] if prior else []
    change = ""
    if before:
        ratio = item.percent / before[0]
        change = (
            ", decreased in size" if ratio < 0.8 else ", increased in size" if ratio > 1.25 else ", unchanged"
        )
    elif prior:
        change = ", new since the prior radiograph"
    return (
        f"There is a {_phrase(item)}{change}. "
        f"The visceral pleural line is visible and there are no lung markings beyond it."
    )


def _impression(radiograph: PhantomRadiograph) -> str:
    if not radiograph.pneumothoraces:
        return "No pneumothorax."
    phrases = [_phrase(item) for item in radiograph.pneumothoraces]
    return " ".join(f"{phrase[0].upper()}{phrase[1:]}." for phrase in phrases)


def _phrase(item: PhantomPneumothorax) -> str:
    size = next(word for limit, word in _SIZE_LIMITS if item.percent <= limit)
    zones = " and ".join(item.zones)
    return f"{size} {item.side} {zones} pneumothorax"
