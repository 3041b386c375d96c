"""The SMS gateway: an SMPP 3.4 ESME by which a citizen looks up their own record."""
