"""The mathematics and the modules of the lessons: functions on tensors, and `nn.Module` where parameters live."""
