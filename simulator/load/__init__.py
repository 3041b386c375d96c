"""Load: citizens who text by the thousand, at the times that a plan says, and the verdict on every reply."""
