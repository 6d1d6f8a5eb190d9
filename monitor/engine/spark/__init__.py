"""Counting on a Spark cluster: the same kernel within `mapInArrow`, its integers added up by Spark. The only importer of pyspark."""

from monitor.engine.spark.counter import SparkCounter
from monitor.engine.spark.opening import open_with_spark
from monitor.engine.spark.session import open_session

__all__ = ["SparkCounter", "open_session", "open_with_spark"]
