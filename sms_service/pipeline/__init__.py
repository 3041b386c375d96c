"""The journey of an inquiry, one stage a file, each stage a function from a batch to a batch.

    intake → reading → asking → dispatch → finishing          recovery beside them

Beside the stages stand what they are built of: `batching` feeds them, `envelope` and `assembly` turn messages into rows and
back, `lanes` hold what waits for a window, `patience` and `waiting` are how they wait. `gateway` joins them.

Everything that a stage needs of the world it gets as a port. What is in flight stands in one table (`inflight`), which
has a limit; the journal holds the same inquiries durably, so that whatever is lost here is found there again.
"""
