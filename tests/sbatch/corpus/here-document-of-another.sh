#!/bin/bash
#SBATCH -G1 -t5
cat <<'EOF' > old.sh
#PBS -l nodes=8
EOF
