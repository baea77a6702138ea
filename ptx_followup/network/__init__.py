"""The segmentation networks and the frozen language models that guide them."""
