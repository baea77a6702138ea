"""Where is the air? A radiograph and its report in, a mask with all that was known and used out.

May import `files`, `radiograph`, `report`, `network`, `anatomy`, `measurement`, `masks`, and what lies at the
root.
"""
