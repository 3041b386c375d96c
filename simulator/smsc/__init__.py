"""The simulated SMSC: the operator's centre that the gateway binds to, with phones on its other side.

`center` is the heart: it takes what phones send, delivers it over the binds of the account that owns the short code, and
takes what the gateway submits. `link` is one connection, `accounts` says who may bind, `backlog` what waits for a bind or a
second try, `reassembly` makes whole messages of segments. SMPP itself is `sms_service.smpp`, in the other role.
"""
