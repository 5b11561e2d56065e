"""Decides "may X do Y on Z".

Owns: admission (who calls, from which project), project and service-account policies, the roles
of shared Gemini resources. Does not own: what a token is (`tokens`), who exists (`accounts`),
what a call then does (the rooms).
"""
