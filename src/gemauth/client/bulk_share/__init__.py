"""Sharing one tuned model or corpus with a whole list of people and groups.

grantees.py    the list, read and checked as a whole before anything is sent
plan.py        what is to be done, against what is there already
work.py        doing it: several at a time, within the rate that the API allows
report.py      the file that says what became of each row, written as it goes
"""

from __future__ import annotations
