"""What stands in for the outside world: the operator's SMSC, the subscriber register, the population, the phones."""
