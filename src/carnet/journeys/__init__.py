"""The few flows that cross capabilities, and the unattended work of the house: collecting, rewrapping, forgetting."""
