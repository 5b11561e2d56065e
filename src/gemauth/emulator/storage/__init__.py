"""Where the emulator's state lives: typed records, a few verbs in a transaction, plain SQL.

Owns: the records' shapes and tables, transactions, files. Does not own: what any record means; that
is each room's.
"""
