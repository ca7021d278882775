"""Clusters that leave many songs out → nested groups at three scales that cover as many as one wants."""

from songscape.grouping._coverage import cover
from songscape.grouping._group import group
from songscape.grouping._prediction import predict_groups

__all__ = ["cover", "group", "predict_groups"]
