"""Register data of a report period as plain data: the only interface between registers and documents.

Decimals are texts, so that the data can be frozen unchanged. Device measurements are not part of it, except values
accepted into rows.
"""
