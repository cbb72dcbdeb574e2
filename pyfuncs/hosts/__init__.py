"""Hosts: where Focal meets its users."""
