"""Hosts and validators that stand in for Excel in the tests."""
