"""The side for operators, over HTTP."""
