#!/usr/bin/env bash
# Training run, see README
#SBATCH --job-name=yolo
#SBATCH --nodes=1
#SBATCH --ntasks-per-node=1
#SBATCH --gpus-per-node=2
#SBATCH --cpus-per-task=16
#SBATCH --mem=60G
#SBATCH --time=09:00:00
#SBATCH --output=logs/%x-%j.out
#SBATCH --error=logs/%x-%j.err
#SBATCH --qos=gpu-medium
#SBATCH --partition=gpu

echo "started on $(hostname) at $(date)"
yolo detect train data=coco.yaml model=yolov8l.pt epochs=300 imgsz=640 device=0,1
