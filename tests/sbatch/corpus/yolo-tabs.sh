#!/bin/bash -l
#SBATCH	-J yolo  
#SBATCH	-N 1  
#SBATCH	--ntasks-per-node=1  
#SBATCH	-c 16  
#SBATCH	--gres=gpu:2  
#SBATCH	--mem=60GB  
#SBATCH	-t 09:00:00  
#SBATCH	-o slurm-%j.out  

yolo detect train data=coco.yaml model=yolov8l.pt epochs=300 imgsz=640 device=0,1
