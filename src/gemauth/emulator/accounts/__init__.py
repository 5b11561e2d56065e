"""The people of the emulator: accounts, groups and browsers that are signed in.

Owns: who exists, who is in which group, who is signed in where. Does not own: what anybody may do
(`iam`), nor what anybody has consented to (`authserver`).
"""
