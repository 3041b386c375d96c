"""The subscriber register that stands in for the operators' one: which number is whose, and in which state."""
