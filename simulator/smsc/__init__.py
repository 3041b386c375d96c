"""The simulated SMSC: the operator's centre that the gateway binds to, with phones on its other side.

    a phone's text → center → post (backlog) → link → ESME
    ESME → link → center → submissions (reassembly, receipts) → the phones

`center` joins the parts, `accounts` says who may bind, `messages` is what passes between phones and the centre. SMPP itself is
`sms_service.smpp`, in the other role.
"""
