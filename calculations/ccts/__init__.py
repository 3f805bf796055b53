"""CCTS: emission intensity and carbon credit certificates of units named in the Schedule. Pure."""
