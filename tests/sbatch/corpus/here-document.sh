#!/bin/bash
#SBATCH -G1 -t5
cat <<'EOF' > inner.sh
#!/bin/bash
#SBATCH --gpus=8
EOF
bash inner.sh
