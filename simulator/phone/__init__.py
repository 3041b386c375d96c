"""The phone page: a citizen's phone in the browser, texting the short code through the simulated SMSC.

`inbox` keeps what each phone sent and received, `directory` finds citizens to play, `web` serves both over HTTP with the
page in `static/`. People and numbers are synthetic; even so nothing here logs them.
"""
