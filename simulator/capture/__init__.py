"""Recorder and replayer: what an ESME and an SMSC say to each other, kept in a file, shown and said again.

    proxy -> tap (frames) -> redact -> recording (the file) -> show | replay

It works between any ESME and any SMSC that speak SMPP 3.4 without TLS.
"""
