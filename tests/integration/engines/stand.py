"""A small demo for the tests of this folder: both engines under a supervisor, until it is told to end.

Usage: stand.py FOLDER. It prints the address of its database and that of its store when both answer.
"""

import asyncio
import sys
from pathlib import Path

from simulator.engines.binaries import postgres_folder, valkey_server
from simulator.engines.postgres import Postgres
from simulator.engines.program import CannotStartError
from simulator.engines.valkey import Valkey
from simulator.supervisor import Supervisor


async def main(folder: Path) -> None:
    async with Supervisor(folder) as supervisor:
        postgres = Postgres(folder / "postgres", supervisor.sockets, postgres_folder())
        valkey = Valkey(folder / "valkey", supervisor.sockets, valkey_server())
        await postgres.initialise()
        await supervisor.start(postgres.program())
        await supervisor.start(valkey.program())
        await postgres.create_database("journal")
        print(postgres.dsn("journal"), valkey.url, flush=True)
        await supervisor.wait()


try:
    asyncio.run(main(Path(sys.argv[1])))
except CannotStartError as error:
    sys.exit(str(error))
