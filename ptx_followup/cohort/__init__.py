"""Many follow-ups: from tables, trees of files and archives to one table and one page.

What is to be compared, what is done already, who does the rest, and what came out of all of it.

May import `files`, `dicom`, `radiograph`, `report`, `measurement`, `network`, `masks`, `segmentation`,
`followup`, `data`, `figures`, `results`, `pacs`, and what lies at the root.
"""
