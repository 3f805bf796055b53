"""How people's tables are read: encoding, delimiter, head, numbers, dates and times. Pure; used by every import.

A column is read one way as a whole. Where its cells can be read in two ways, the reader does not choose: it returns a
`Question`, and a person answers with `Choices`, which can be stored and used again.
"""
