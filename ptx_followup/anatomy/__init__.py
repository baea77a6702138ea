"""Where are the hemithoraces, and how far are their outlines to be trusted?

May import `network`, and what lies at the root.
"""
