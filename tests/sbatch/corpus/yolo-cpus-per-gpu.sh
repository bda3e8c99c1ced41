#!/bin/bash
# 由学生维护
#SBATCH --nodes=1
#SBATCH --gpus-per-node=2
#SBATCH --cpus-per-gpu=8
#SBATCH --mem-per-cpu=2G
#SBATCH --time=09:00:00
#SBATCH --job-name=yolo

yolo detect train data=coco.yaml model=yolov8l.pt epochs=300 imgsz=640 device=0,1
