"""What the network is told in each condition."""

import pytest

from ptx_followup.evaluation.altered import other_size, other_zone
from ptx_followup.evaluation.texts import Guidance, guide_negative, guide_positive
from ptx_followup.report.findings import understand

REPORT = "Small left pleural effusion. Large right apical pneumothorax, 4 cm at the apex. Left base is clear."


@pytest.mark.parametrize(
    ("report", "expected", "change"),
    [
        (
            REPORT,
            "Small left pleural effusion. Small right apical pneumothorax, 1.3 cm at the apex. "
            "Left base is clear.",
            "smaller",
        ),
        ("There is a tiny left pneumothorax, 5 mm.", "There is a large left pneumothorax, 15 mm.", "larger"),
        ("An extensive right pneumothorax, 60 %.", "A small right pneumothorax, 20 %.", "smaller"),
        ("Small to moderate left pneumothorax.", "Small left pneumothorax.", "smaller"),
        ("MODERATE RIGHT PNEUMOTHORAX.", "SMALL RIGHT PNEUMOTHORAX.", "smaller"),
        (
            "Trace right pneumothorax with a small-bore chest tube.",
            "Large right pneumothorax with a small-bore chest tube.",
            "larger",
        ),
    ],
)
def test_the_size_is_changed_in_the_finding_alone(report: str, expected: str, change: str) -> None:
    assert other_size(understand(report)) == (expected, change)


@pytest.mark.parametrize(
    "report", ["Right apical pneumothorax.", "No pneumothorax.", "Large right and small left pneumothoraces."]
)
def test_without_a_size_there_is_nothing_to_change(report: str) -> None:
    changed = other_size(understand(report))
    assert changed is None or changed[0] != report


@pytest.mark.parametrize(
    ("report", "expected"),
    [
        (
            "Small right apical pneumothorax. Basal atelectasis.",
            "Small right basal pneumothorax. Basal atelectasis.",
        ),
        ("Pneumothorax at the left BASE.", "Pneumothorax at the left APEX."),
        ("Apicolateral pneumothorax on the right.", "Basolateral pneumothorax on the right."),
        ("Right lateral pneumothorax.", None),
    ],
)
def test_the_zone_is_changed_in_the_finding_alone(report: str, expected: str | None) -> None:
    assert other_zone(understand(report)) == expected


def by_condition(guidances: list[Guidance]) -> dict[str, Guidance]:
    return {one.condition: one for one in guidances}


def test_a_positive_is_told_its_report_and_each_changed_one() -> None:
    told = by_condition(guide_positive(REPORT, "Tiny left basal pneumothorax.", "focused"))
    assert told["matching"].text == "Large right apical pneumothorax, 4 cm at the apex."
    assert told["empty"].text == ""
    assert told["shuffled"].text == "Tiny left basal pneumothorax."
    assert (told["side_swapped"].side, told["matching"].side) == ("left", "right")
    assert told["side_swapped"].text == "Large left apical pneumothorax, 4 cm at the apex."
    assert told["size_swapped"].size_change == "smaller"
    assert "basal" in (told["zone_swapped"].text or "")


def test_conditions_that_would_change_nothing_are_left_out() -> None:
    told = by_condition(guide_positive("Bilateral pneumothoraces.", None, "focused"))
    assert set(told) == {"matching", "empty"}


def test_a_report_that_denies_beside_a_mask_is_used_as_in_use() -> None:
    told = by_condition(guide_positive("No pneumothorax.", None, "focused"))
    assert told["matching"].text is None
    assert told["empty"].text == ""


def test_a_negative_is_told_its_denial_and_a_finding_that_is_not_there() -> None:
    told = by_condition(guide_negative("Lungs are clear. No pneumothorax.", "a", 0, "focused"))
    assert told["matching"].text is None
    assert told["denied"].text == "No pneumothorax."
    assert understand(told["false_positive"].text or "").present is True
    again = by_condition(guide_negative("Lungs are clear. No pneumothorax.", "a", 0, "focused"))
    assert again == told
