"""Data in and out: files of rows, into the record and from it.

This room stands above all others: it reads and writes the tables of every app,
and no app knows it. A kind of record is declared in `kinds/`.
"""
