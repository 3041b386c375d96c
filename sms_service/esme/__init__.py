"""The ESME over asyncio: connections, binds, pacing. What it receives it hands to a sink; what it is given it submits.

`Esme` is the whole of it for the rest of the gateway, and implements the port `Transmitter`.
"""

from sms_service.esme.esme import Esme

__all__ = ["Esme"]
