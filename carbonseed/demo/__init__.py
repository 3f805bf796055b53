"""The demo: two sample factories with their people, devices and sixty days of readings."""
