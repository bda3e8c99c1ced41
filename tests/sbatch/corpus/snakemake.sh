#!/bin/sh
# properties = {"type": "single", "rule": "polish", "local": false, "threads": 8, "resources": {"gpu": 1}}
cd /data/assembly && \
/opt/conda/bin/python3 -m snakemake polish.done --snakefile /data/assembly/Snakefile --force -j 1
