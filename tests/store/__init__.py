"""What the SQL store promises beyond its port: durability, clear faults, shared commits."""
