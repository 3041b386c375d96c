"""smpplib's own client, a blocking ESME that shares no code with ours, bound to the simulated SMSC."""

from __future__ import annotations

import threading

import smpplib.client
import smpplib.consts
import smpplib.gsm

from tests.interop.simulator.running import running_smsc, until

MSISDN = "84912345678"


async def test_binds_receives_submits_and_leaves():
    """As a transceiver: a message comes in, replies of one and of three segments go out with receipts, and unbind is answered."""
    received, confirmed, errors = [], [], []

    def take(pdu):
        received.append((pdu.source_addr, bytes(pdu.short_message), pdu.esm_class))
        return smpplib.consts.SMPP_ESME_ROK

    def work(client, done):
        while not done.is_set():
            try:
                client.read_once()
            except TimeoutError:
                continue
            except Exception as error:  # noqa: BLE001 - whatever smpplib complains of is what is looked for
                errors.append(error)
                return

    async with running_smsc() as smsc:
        client = smpplib.client.Client("127.0.0.1", smsc.port, timeout=0.2, allow_unknown_opt_params=False)
        client.set_message_received_handler(take)
        client.set_message_sent_handler(lambda pdu: confirmed.append(pdu.message_id))
        client.connect()
        client.bind_transceiver(system_id="gateway", password="secret")
        assert (await smsc.health())["binds"]["gateway"] == 1
        done = threading.Event()
        thread = threading.Thread(target=work, args=(client, done), daemon=True)
        thread.start()
        await smsc.text(MSISDN, "DC")
        await until(lambda: received)
        assert received == [(MSISDN.encode(), b"DC", 0)]

        def send(text):
            parts, data_coding, esm_class = smpplib.gsm.make_parts(text)
            for part in parts:
                client.send_message(
                    source_addr_ton=smpplib.consts.SMPP_TON_NWSPEC, source_addr="5505",
                    dest_addr_ton=smpplib.consts.SMPP_TON_INTL, dest_addr_npi=smpplib.consts.SMPP_NPI_ISDN,
                    destination_addr=MSISDN, short_message=part, data_coding=data_coding, esm_class=esm_class,
                    registered_delivery=True,
                )  # fmt: skip
            return len(parts)

        sent = send("Chào bạn") + send("dài ệ " * 30)
        assert sent == 4
        await until(lambda: len(confirmed) == sent)
        assert len(set(confirmed)) == sent
        assert await until(lambda: smsc.received(MSISDN)) == ["Chào bạn", "dài ệ " * 30]
        await until(lambda: len(received) == 1 + sent)
        assert all(b"stat:DELIVRD" in text for _, text, _ in received[1:])
        done.set()
        thread.join()
        assert errors == []
        client.unbind()
        client.disconnect()
        assert await until(smsc.health)
