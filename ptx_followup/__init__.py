"""Follow a pneumothorax over time on chest radiographs. Research use only."""

__version__ = "0.1.0"

DISCLAIMER = "Research use only. Not a medical device. Not for diagnosis or treatment decisions."
